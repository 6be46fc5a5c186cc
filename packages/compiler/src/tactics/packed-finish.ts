// Requantisation constants in as few bits as they need, laid out in scratch memory when the layer runs.
import type { Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { FinishForm } from '../targets/instructions/arm-dsp-finish.ts';
import { packRequantisation, unpackRequantisation } from '../targets/instructions/unpack-requantisation.ts';
import { multiplierOfFewestBits } from '../tensor/fewest-bits.ts';
import { type Finish, finishOf } from './dsp-pairs.ts';
import type { WeightedLayer } from './weighted-layer.ts';

/** How the constants of a layer are kept in flash: as routines read them, or `packed`, which routines read as `compact`. */
export type TableForm = Exclude<FinishForm, 'single'> | 'packed';

/** What a form is called behind a tactic's name, and in its note. */
export const formNames: Readonly<Record<TableForm, { readonly suffix: string; readonly remark: string }>> = {
  steps: { suffix: '', remark: '' },
  compact: { suffix: '-compact', remark: '; two words of requantisation constants a channel instead of three' },
  packed: { suffix: '-packed', remark: '; requantisation constants as a stream of bits' },
};

export interface TableFinish extends Finish {
  /** Writes the table's constants, and gives the table: one in scratch memory where they are packed. */
  readonly write: (k: Writer) => Region;
}

/** The constants of a layer in a form, if it has them there; only entries of its own channels are written. */
export function tableFinishOf(layer: WeightedLayer, form: TableForm): TableFinish | undefined {
  if (form !== 'packed') {
    const finish = finishOf(layer, form);
    return finish && { ...finish, write: (k) => k.constant('requantisation', finish.table) };
  }
  const { factors, ranges, yZero: zeroPoint, low, high, channels } = layer;
  const fewest = factors.map((factor, channel) => {
    const range = ranges[channel] ?? { least: 0, most: 0 };
    return { ...factor, multiplier: multiplierOfFewestBits({ factor, zeroPoint, low, high }, range) };
  });
  const finish = finishOf({ ...layer, factors: fewest }, 'compact');
  const packed = finish && packRequantisation(finish.table.subarray(0, 2 * channels));
  if (finish === undefined || packed === undefined) return undefined;
  const write = (k: Writer): Region => {
    const table = k.scratch('requantisation', 'i32', finish.table.length);
    k.instr(unpackRequantisation, { region: k.constant('packed_requantisation', packed) }, { region: table });
    return table;
  };
  return { ...finish, write };
}
