// Bit counting in kernel arithmetic; targets with an instruction for it may spell it by its name.
import { add, eq, shl, sum, ushr } from './expressions.ts';
import { defineFn } from './writer.ts';

/** Zero bits above the highest set bit of a 32-bit value; 32 for 0. */
export const clz = defineFn('clz', 'Zero bits above the highest set bit; 32 for 0.', { value: 'i32' }, (k, value) => {
  // Shifts by half of what is left whenever that half is empty; the last bit is counted where it stands.
  let rest = value;
  const counts = [16, 8, 4, 2, 1].map((half) => {
    const count = k.let(`empty${half}`, shl(eq(ushr(rest, 32 - half), 0), Math.log2(half)));
    rest = k.let(`rest${half}`, shl(rest, count));
    return count;
  });
  return add(sum(...counts), eq(rest, 0));
});
