// fullyConnected, and convolutions with one factor for all channels and windows that are whole rows of the input, of int8 on cores whose
// multiplications are of 32 bits: four channels at a time, their weights of a tap in one word (targets/instructions/quad-row.ts).
import { index, mul } from '../kernel/expressions.ts';
import type { Operand } from '../ops/op.ts';
import { alwaysInside } from '../ops/window.ts';
import { storedShift } from '../targets/instructions/packed-sums.ts';
import { rowChannels, rowInstr } from '../targets/instructions/quad-row.ts';
import type { Tactic } from './tactic.ts';
import { entriesOf, isRelu } from './triple-table.ts';
import { type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

export const quadRow: Tactic = {
  name: 'quad-row',
  note: 'four channels at a time, their weights of a tap in one word',
  lowering(graph, node, target) {
    if (target.packsSums !== true) return undefined;
    const layer = weightedLayerOf(graph, node, 'full');
    const outputs = layer && rowsOf(layer);
    const entries = layer && entriesOf(layer);
    const [first] = entries ?? [];
    if (layer === undefined || outputs === undefined || entries === undefined || first === undefined) return undefined;
    const common = entries.every(({ shift, multiplier }) => shift === first.shift && multiplier === first.multiplier);
    if (!common) return undefined;
    const { taps, channels, yZero, low, high } = layer;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      const weights = k.constant('shifted_weights', weightsInFours(layer));
      const biases = k.constant(
        'biases',
        Int32Array.from(entries, ({ bias }) => bias),
      );
      const relu = isRelu(layer);
      k.for('row', 0, outputs, (row) =>
        k.instr(
          rowInstr({ relu }),
          { region: x, at: mul(row, taps) },
          { region: weights },
          { region: biases },
          { region: y, at: mul(row, channels) },
          ...[taps, channels, first.multiplier, first.shift + storedShift].map(index),
          ...(relu ? [] : [yZero, low, high].map(index)),
        ),
      );
    };
  },
};

/** How many outputs there are a channel, where each has its taps one after the other in x. */
function rowsOf({ rows, columns, batches }: WeightedLayer): number | undefined {
  const axes = [rows, columns];
  const pointwise = axes.every((axis) => axis.kernel === 1 && axis.stride === 1 && alwaysInside(axis));
  if (pointwise) return batches * rows.outputs * columns.outputs;
  return axes.every((axis) => axis.kernel === axis.size && axis.padBefore === 0 && axis.outputs === 1)
    ? batches
    : undefined;
}

/** Weights by four channels, tap and channel, 128 more than they are. */
function weightsInFours({ channels, taps, weightAt }: WeightedLayer): Uint8Array {
  const packed = new Uint8Array(Math.ceil(channels / rowChannels) * rowChannels * taps);
  for (let channel = 0; channel < channels; channel += 1) {
    const first = channel - (channel % rowChannels);
    for (let tap = 0; tap < taps; tap += 1)
      packed[first * taps + tap * rowChannels + (channel % rowChannels)] = weightAt(channel, tap) + 128;
  }
  return packed;
}
