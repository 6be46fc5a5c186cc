// A 3 x 3 depthwise routine for layers of any shape on Armv7E-M and Armv8-M, written in its meaning alone: slower than the one that is
// written for a shape (arm-dsp-depthwise.ts), but all layers share its code. A channel's plane is widened to 16 bits with its
// padding around it, its rows whole words.
import { add, and, call, cast, int, long, max, min, mul, or, shl, shr } from '../../kernel/expressions.ts';
import type { Expr, Instr } from '../../kernel/ir.ts';
import { smlabb, smlad } from './arm-dsp.ts';
import { memory, routine, scalars, taker } from './packed-sums.ts';

/**
 * All channels of an image. Strides are 1 or 2 either way. Scalars, in elements: `channels`; `rows` and `columns` of the input that
 * windows reach; `pitch` of the input; `out_rows`, `out_columns`; `stride`; `width` of the plane, even; `corner` in the plane where
 * the input begins; `doubled_zero`, 2 * zero point of the output + 1; bounds of the outputs. The table is that of the form `compact` of
 * arm-dsp-finish.ts, unsigned.
 */
export const sharedDepthwise: Instr = routine(
  '3 x 3 windows over one channel at a time, widened into a plane that holds the padding.',
  'dsp_depthwise_shared',
  [
    memory('x', 'i8', 'read'),
    memory('plane', 'i16', 'update'),
    memory('y', 'i8', 'write'),
    memory('weights', 'i8', 'read'),
    memory('table', 'i32', 'read'),
    ...scalars(
      'channels',
      'rows',
      'columns',
      'pitch',
      'out_rows',
      'out_columns',
      'stride',
      'width',
      'corner',
      'doubled_zero',
      'low',
      'high',
    ),
  ],
  (k, regions, numbers) => {
    const [region, scalar] = [taker(regions), taker(numbers)];
    const [x, plane, y, weights, table] = ['x', 'plane', 'y', 'weights', 'table'].map(region);
    if (!x || !plane || !y || !weights || !table) return;
    const [channels, width, stride] = [scalar('channels'), scalar('width'), scalar('stride')];
    k.for('channel', 0, channels, (channel) => {
      k.for('row', 0, scalar('rows'), (row) => {
        const from = k.let('from', add(mul(row, scalar('pitch')), channel));
        const to = k.let('to', add(mul(row, width), scalar('corner')));
        k.for('column', 0, scalar('columns'), (column) =>
          k.store(plane, add(to, column), k.load(x, add(from, mul(column, channels)))),
        );
      });
      const own = k.let('own', mul(channel, 9));
      const weight = (tap: number): Expr => k.load(weights, add(own, tap));
      // Taps 0 and 1 of a row in a word, and tap 2.
      const pairs = [0, 1, 2].map((row) =>
        k.let(`pair${row}`, or(and(weight(3 * row), int(0xffff)), shl(weight(3 * row + 1), 16))),
      );
      const lasts = [0, 1, 2].map((row) => k.let(`last${row}`, weight(3 * row + 2)));
      const entry = k.let('entry', mul(channel, 2));
      const word = k.let('word', k.load(table, entry));
      const factor = k.let('factor', k.load(table, add(entry, 1)));
      const shift = k.let('shift', and(word, int(31)));
      const bias = k.let('bias', shr(word, 5));
      const zero = k.let('zero', shr(shl(cast('i32', scalar('doubled_zero')), shift), 1));
      const rounding = k.let('rounding', add(mul(cast('i64', zero), long(2 ** 32)), long(2 ** 30)));
      k.for('out_row', 0, scalar('out_rows'), (outRow) => {
        const window = k.let('window', mul(mul(outRow, stride), width));
        const pixel = k.let('pixel', add(mul(mul(outRow, scalar('out_columns')), channels), channel));
        k.for('out_column', 0, scalar('out_columns'), (outColumn) => {
          const at = k.let('at', add(window, mul(outColumn, stride)));
          const sum = k.variable('sum', bias);
          for (let row = 0; row < 3; row += 1) {
            const place = row === 0 ? at : k.let(`at${row}`, add(at, mul(width, row)));
            const [pair, last] = [pairs[row], lasts[row]];
            if (pair === undefined || last === undefined) continue;
            k.set(sum, call(smlad, k.load(plane, place, 'i32'), pair, sum));
            k.set(sum, call(smlabb, k.load(plane, add(place, 2)), last, sum));
          }
          const product = mul(cast('i64', sum), cast('i64', factor));
          const value = shr(cast('i32', shr(add(product, rounding), long(32))), shift);
          const clamped = min(max(value, cast('i32', scalar('low'))), cast('i32', scalar('high')));
          k.store(y, add(pixel, mul(outColumn, channels)), clamped);
        });
      });
    });
  },
);
