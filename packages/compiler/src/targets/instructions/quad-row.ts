// One output with all channels, for cores whose widest multiplication is 32 bits: the weights of four channels stand side by side.
import { add, cast, int, lt, mul, shl, sub } from '../../kernel/expressions.ts';
import type { Instr } from '../../kernel/ir.ts';
import {
  boundNames,
  type Finish,
  finished,
  finishingBy,
  forTaps,
  memory,
  routine,
  scalars,
  taker,
} from './packed-sums.ts';

/** Channels whose weights stand in one word. */
export const rowChannels = 4;

export const rowName = ({ relu }: Finish): string => `quad_row${relu ? '_relu' : ''}`;

/**
 * All channels of one output, four at a time: y[channel] is the finished sum of x times weights.
 *
 * - weights: for each four channels, for each tap, a byte each, 128 more than it counts; as many as there are fours, so that some may count for
 *   nothing.
 * - biases: one a channel; multiplier and shift, 7 added to it, are common to all.
 */
export const rowInstr = (variant: Finish): Instr =>
  routine(
    'Dot products of one output with all channels, requantised, the weights of four channels side by side.',
    rowName(variant),
    [
      memory('x', 'i8', 'read'),
      memory('weights', 'u8', 'read'),
      memory('biases', 'i32', 'read'),
      memory('y', 'i8', 'write'),
      ...scalars('taps', 'channels', 'multiplier', 'shift', ...boundNames(variant)),
    ],
    (k, regions, values) => {
      const [region, value] = [taker(regions), taker(values)];
      const factor = { multiplier: cast('i32', value('multiplier')), shift: cast('i32', value('shift')) };
      const finishing = finishingBy(k, factor, variant.relu, value);
      const [x, weights] = [region('x'), region('weights')];
      const inputs = k.variable('inputs', int(0));
      k.for('input', 0, value('taps'), (tap) => k.set(inputs, add(inputs, k.load(x, tap))));
      const start = k.let('start', sub(int(0), shl(inputs, 7)));
      const lanes = Array.from({ length: rowChannels }, (_, lane) => lane);
      k.for(
        'channel',
        0,
        value('channels'),
        (channel) => {
          const row = k.let('row', mul(channel, value('taps')));
          const accs = lanes.map((lane) => k.variable(`acc${lane}`, start));
          forTaps(k, value('taps'), (first, count) => {
            const at = k.let('weights_at', add(row, mul(first, rowChannels)));
            for (let n = 0; n < count; n += 1) {
              const input = k.let('value', k.load(x, add(first, n)));
              accs.forEach((acc, lane) => {
                k.set(acc, add(acc, mul(input, k.load(weights, add(at, n * rowChannels + lane)))));
              });
            }
          });
          accs.forEach((acc, lane) => {
            const own = add(channel, lane);
            k.if(lt(own, value('channels')), () => {
              const bias = k.let('bias', k.load(region('biases'), own));
              k.store(region('y'), own, finished(k, { ...finishing, bias }, acc));
            });
          });
        },
        rowChannels,
      );
    },
  );
