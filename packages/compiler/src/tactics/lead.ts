// How far loops that take outputs in order may write over their own input: writing must never catch up with reading.
import type { Axis } from '../ops/window.ts';
import type { WeightedLayer } from './weighted-layer.ts';

/** The first position of an axis that the window of an output reads. */
const firstRead = ({ stride, padBefore, size }: Axis, output: number): number =>
  Math.min(size, Math.max(0, output * stride - padBefore));

/**
 * Bytes by which y has to begin before x where outputs are computed in order, `group` at a time, each group read wholly before it is
 * written. Elements are bytes.
 */
export function leadOfGroups(layer: WeightedLayer, group: number): number {
  const { batches, rows, columns, inputs, channels } = layer;
  const total = batches * rows.outputs * columns.outputs;
  // From the last output back: the lowest position that any output from here on still reads.
  let lowest = batches * rows.size * columns.size * inputs;
  let lead = 0;
  for (let output = total - 1; output > 0; output -= 1) {
    const column = output % columns.outputs;
    const row = Math.floor(output / columns.outputs) % rows.outputs;
    const batch = Math.floor(output / (columns.outputs * rows.outputs));
    const place = (batch * rows.size + firstRead(rows, row)) * columns.size + firstRead(columns, column);
    lowest = Math.min(lowest, place * inputs);
    if (output % group === 0) lead = Math.max(lead, output * channels - lowest);
  }
  return lead;
}
