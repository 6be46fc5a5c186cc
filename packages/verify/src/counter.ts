// From counter readings to executed instructions, exactly. A timer tick is not a whole number of instructions, but an
// instruction is several ticks, so rounding finds the only number that fits; a slower or higher word tells how often
// the fast one wrapped.
import type { Counter } from './boards.ts';
import type { CounterWords, Reading } from './exchange.ts';

const wrap = 2 ** 32;

/** The 64-bit value behind a high, low, high reading; the high word may have moved on in between. */
const wide = ([high, low, highAgain]: CounterWords): number => (low < wrap / 2 ? highAgain : high) * wrap + low;

/** Clock ticks between two readings. */
function elapsedTicks(
  counter: Exclude<Counter, { kind: 'host' }>,
  { before, after }: Pick<Reading, 'before' | 'after'>,
): number {
  if (counter.kind !== 'cmsdk-dualtimer') return wide(after) - wide(before);
  // Down counters; the slow one is uncertain by a step of 256 on either side, far below a wrap of the fast one.
  const fast = (before[1] - after[1] + wrap) % wrap;
  const slow = ((before[0] - after[0] + wrap) % wrap) * 256;
  return fast + wrap * Math.round((slow - fast) / wrap);
}

/**
 * What a counter counted between two readings, those of the read-out included: instructions, or on a counter of the
 * host's own whatever that counts.
 * @throws when the reading does not fit any whole number, which means that the board's clock is not as described
 */
export function elapsed(
  counter: Counter,
  reading: Pick<Reading, 'before' | 'after'>,
  shift = 'shift' in counter ? counter.shift : 0,
): number {
  if (counter.kind === 'host') return wide(reading.after) - wide(reading.before);
  const ticks = elapsedTicks(counter, reading);
  if (counter.kind === 'minstret') return ticks;
  const ticksPerInstruction = (counter.hz * 2 ** shift) / 1e9;
  const instructions = Math.round(ticks / ticksPerInstruction);
  const rest = Math.abs(ticks - instructions * ticksPerInstruction);
  // Both ends are cut down to whole ticks, so the true distance is less than one tick away.
  if (rest > 1 || ticksPerInstruction <= 2) throw new Error(`internal error: ${ticks} ticks are no whole instructions`);
  return instructions;
}
