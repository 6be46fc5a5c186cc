// fullyConnected of int8, and convolutions with a single output, on cores with dual 16-bit multiply-accumulates: the input is read as
// it is stored, four channels at a time.
import { index } from '../kernel/expressions.ts';
import type { Operand } from '../ops/op.ts';
import { alwaysInside } from '../ops/window.ts';
import type { FinishForm } from '../targets/instructions/arm-dsp-finish.ts';
import { rowInstr } from '../targets/instructions/arm-dsp-row.ts';
import { finishOf, packPairs, unitsOf } from './dsp-pairs.ts';
import type { Tactic } from './tactic.ts';
import { outputsOf, type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

/** The taps of the one output are the input as it is stored. */
const readsAll = ({ rows, columns, depth, inputs }: WeightedLayer): boolean =>
  depth === inputs &&
  alwaysInside(rows) &&
  alwaysInside(columns) &&
  (columns.kernel === columns.size || rows.kernel === 1) &&
  rows.outputs * columns.outputs === 1;

const remarks: Readonly<Record<FinishForm, string>> = {
  steps: '',
  compact: '; two words of requantisation constants a channel instead of three',
  single: '; one word of them where all channels share a factor',
};

const dspRowIn = (form: FinishForm): Tactic => ({
  name: form === 'steps' ? 'dsp-row' : `dsp-row-${form}`,
  note: `one output, four channels at a time by dual 16-bit multiply-accumulates, weights of two channels in a half word${remarks[form]}`,
  lowering(graph, node, target) {
    if (target.spellings.dsp_row4 === undefined) return undefined;
    const layer = weightedLayerOf(graph, node, 'full');
    if (layer === undefined || outputsOf(layer) !== 1 || !readsAll(layer)) return undefined;
    const { channels, taps, low, high } = layer;
    const pairs = channels % 4 === 0 ? 2 : 1;
    const finish = finishOf(layer, form);
    // As sxtb16 leaves the bytes of a word: 0 and 2, then 1 and 3.
    const weights = packPairs(layer, pairs, (tap) => [(tap >> 2) * 2 + (tap & 1), (tap >> 1) & 1]);
    if (finish === undefined || weights === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      const variant = { ...finish.variant, pairs } as const;
      const packed = k.constant('packed_weights', weights);
      const requantisation = k.constant('requantisation', finish.table);
      const units = unitsOf(layer);
      // Whole words are read: what is no multiple of four is copied to where it may be followed by anything.
      const row = taps % 4 === 0 ? x : k.scratch('row', 'i8', 4 * units);
      if (row !== x) k.for('tap', 0, taps, (tap) => k.store(row, tap, k.load(x, tap)));
      k.instr(
        rowInstr(variant),
        { region: row },
        { region: packed },
        { region: requantisation },
        { region: y },
        index(units),
        index(channels),
        index(finish.shared),
        ...(finish.multiplier === undefined ? [] : [index(finish.multiplier)]),
        ...(variant.clamped ? [index(low), index(high)] : []),
      );
    };
  },
});

export const dspRow: Tactic = dspRowIn('steps');
export const dspRowCompact: Tactic = dspRowIn('compact');
export const dspRowSingle: Tactic = dspRowIn('single');
