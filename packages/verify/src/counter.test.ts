// Counting from timer readings, on simulated timers of every kind.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Counter } from './boards.ts';
import { elapsed } from './counter.ts';
import type { Reading } from './exchange.ts';

const word = (ticks: number): number => ticks % 2 ** 32;

/** What a board's registers show at an instruction count. */
function registers(counter: Counter, shift: number, instructions: number, phaseNs: number): [number, number, number] {
  if (counter.kind === 'host' || counter.kind === 'minstret')
    return [Math.floor(instructions / 2 ** 32), word(instructions), Math.floor(instructions / 2 ** 32)];
  const ticks = Math.floor(((instructions * 2 ** shift + phaseNs) * counter.hz) / 1e9);
  if (counter.kind === 'sse-counter') return [Math.floor(ticks / 2 ** 32), word(ticks), Math.floor(ticks / 2 ** 32)];
  const slow = 0xffffffff - word(Math.floor(ticks / 256));
  return [slow, 0xffffffff - word(ticks), slow];
}

const counters: Counter[] = [
  { kind: 'cmsdk-dualtimer', base: 0, hz: 25e6, shift: 8 },
  { kind: 'cmsdk-dualtimer', base: 0, hz: 20e6, shift: 8 },
  { kind: 'sse-counter', control: 0, base: 0, hz: 32e6, shift: 8 },
  { kind: 'minstret', shift: 0 },
  { kind: 'host' },
];

describe.each(counters)('$kind', (counter) => {
  it('counts exactly, whatever the phase and however often the timer wraps', () => {
    const shift = 'shift' in counter ? counter.shift : 0;
    const reading = (start: number, length: number, phase: number): Reading => ({
      before: registers(counter, shift, start, phase),
      marks: [],
      after: registers(counter, shift, start + length, phase),
    });
    const natural = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(natural(1e6), natural(2e9), natural(8e9), natural(1000), (early, start, length, phase) => {
        expect(elapsed(counter, reading(start + early, length, phase))).toBe(length);
      }),
      { seed: 5 },
    );
  });
});

it('takes the high word that belongs to the low one', () => {
  const counter: Counter = { kind: 'minstret', shift: 0 };
  expect(elapsed(counter, { before: [0, 0xfffffff0, 0], after: [0, 5, 1] })).toBe(21);
  expect(elapsed(counter, { before: [0, 0xfffffff0, 1], after: [1, 5, 1] })).toBe(21);
});

it('notices a clock that is not as described', () => {
  const counter: Counter = { kind: 'cmsdk-dualtimer', base: 0, hz: 25e6, shift: 8 };
  const reading: Pick<Reading, 'before' | 'after'> = { before: [1000, 1000, 1000], after: [1000, 997, 1000] };
  expect(() => elapsed(counter, reading)).toThrow('no whole instructions');
});
