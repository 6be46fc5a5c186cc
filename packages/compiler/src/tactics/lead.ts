// How far loops that take outputs in order may write over their own input: writing must never catch up with reading.
import type { Axis } from '../ops/window.ts';
import type { WeightedLayer } from './weighted-layer.ts';

/** The first position of an axis that the window of an output reads. */
const firstRead = ({ stride, padBefore, size }: Axis, output: number): number =>
  Math.min(size, Math.max(0, output * stride - padBefore));

/** By output, the lowest element of x that it or a later one reads. */
function lowestReads({ batches, rows, columns, inputs }: WeightedLayer): Float64Array {
  const reads = new Float64Array(batches * rows.outputs * columns.outputs);
  let lowest = batches * rows.size * columns.size * inputs;
  for (let output = reads.length - 1; output >= 0; output -= 1) {
    const column = output % columns.outputs;
    const row = Math.floor(output / columns.outputs) % rows.outputs;
    const batch = Math.floor(output / (columns.outputs * rows.outputs));
    const place = (batch * rows.size + firstRead(rows, row)) * columns.size + firstRead(columns, column);
    lowest = Math.min(lowest, place * inputs);
    reads[output] = lowest;
  }
  return reads;
}

/**
 * Bytes by which y has to begin before x where outputs are computed in order, `group` at a time, each group read wholly before it is
 * written. Elements are bytes.
 */
export const leadOfGroups = (layer: WeightedLayer, group: number): number =>
  lowestReads(layer).reduce(
    (lead, lowest, output) =>
      output > 0 && output % group === 0 ? Math.max(lead, output * layer.channels - lowest) : lead,
    0,
  );

/** The same where an output may be written while up to `before` outputs before it, and all later ones, are still to be read. */
export function leadOfLateReads(layer: WeightedLayer, before: number): number {
  const reads = lowestReads(layer);
  return reads.reduce(
    (lead, _, output) => Math.max(lead, (output + 1) * layer.channels - (reads[Math.max(0, output - before)] ?? 0)),
    0,
  );
}
