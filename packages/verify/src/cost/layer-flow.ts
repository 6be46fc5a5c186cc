// The recorded flow of a profiled run, cut into layers: what the marks between them took is left out.
import type { Elf } from '../elf.ts';
import type { Interval } from './flow.ts';
import { functionOf, type RecordedFlow } from './flow-plugin.ts';

export const markFunction = 'harness_mark';
export const returnFunction = 'measured_return';

/** The interval of the run function, from its entry to its return, of a run without marks. */
export function runInterval({ elf, intervals }: RecordedFlow, run: string): Interval {
  const { address } = functionOf(elf, run);
  const found = intervals.find(({ start }) => start === address);
  if (found === undefined) throw new Error(`internal error: ${run} did not run`);
  return found;
}

/** A profiled run between its marks: an interval before each, and one behind the last. */
export function markedIntervals({ elf, intervals }: RecordedFlow, run: string): readonly Interval[] {
  const entry = functionOf(elf, run).address;
  const exit = functionOf(elf, returnFunction).address;
  const mark = functionOf(elf, markFunction);
  const first = intervals.findIndex(({ start }) => start === entry);
  const length = intervals.slice(first).findIndex(({ start }) => start === exit);
  if (first < 0 || length < 0) throw new Error(`internal error: ${run} did not run to its end`);
  return intervals.slice(first, first + length).map((interval) => without(interval, mark.address, mark.bytes));
}

/** An interval without a function's code and without the way into it. */
function without({ start, blocks }: Interval, address: number, bytes: number): Interval {
  const inside = (at: number): boolean => at >= address && at < address + bytes;
  return {
    start,
    blocks: blocks
      .filter((block) => !inside(block.start))
      .map((block) => ({ ...block, next: new Map([...block.next].filter(([to]) => !inside(to))) })),
  };
}

/** The code of a program, by halfwords. */
export function codeOf({ segments }: Elf): (address: number) => number {
  return (address) => {
    const segment = segments.find((one) => address >= one.address && address + 2 <= one.address + one.bytes.length);
    if (segment === undefined) throw new Error(`internal error: no code at 0x${address.toString(16)}`);
    const at = address - segment.address;
    return (segment.bytes[at] ?? 0) | ((segment.bytes[at + 1] ?? 0) << 8);
  };
}

/** Sums of a value over the marks of each layer; what is behind the last mark is left out. */
export function byLayer(values: readonly number[], outputs: readonly number[]): readonly number[] {
  let at = 0;
  return outputs.map((count) => {
    at += count;
    return values.slice(at - count, at).reduce((total, one) => total + one, 0);
  });
}
