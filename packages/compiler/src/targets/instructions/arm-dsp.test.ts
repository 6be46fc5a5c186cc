import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bits, call, int } from '../../kernel/expressions.ts';
import { interpret } from '../../kernel/interpret.ts';
import type { Fn } from '../../kernel/ir.ts';
import { buildKernel } from '../../kernel/writer.ts';
import { smlabb, smlad, smlatt, ssub16, sxtb16, sxtb16Ror8 } from './arm-dsp.ts';

/** What the interpreter makes of a function's meaning. */
function apply(fn: Fn, ...args: readonly number[]): number {
  const y = new Int32Array(1);
  const kernel = buildKernel(
    'apply',
    '',
    [{ name: 'y', type: 'i32', length: 1, space: 'argument', access: 'write' }],
    (k) =>
      k.store({ name: 'y', type: 'i32', length: 1, space: 'argument' }, 0, bits('i32', call(fn, ...args.map(int)))),
  );
  interpret(kernel, [y]);
  return y[0] ?? 0;
}

const byte = (value: number, n: number): number => (value << (24 - 8 * n)) >> 24;
const half = (value: number, n: number): number => (n === 0 ? (value << 16) >> 16 : value >> 16);
const pack = (low: number, high: number): number => (low & 0xffff) | (high << 16);
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('meanings of Arm’s DSP instructions, as the architecture manual states them', () => {
  it('extends bytes', () => {
    fc.assert(
      fc.property(word, (value) => {
        expect(apply(sxtb16, value)).toBe(pack(byte(value, 0), byte(value, 2)));
        expect(apply(sxtb16Ror8, value)).toBe(pack(byte(value, 1), byte(value, 3)));
      }),
      { seed: 1 },
    );
  });

  it('multiplies, accumulates and subtracts halves', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, acc) => {
        const [low, high] = [Math.imul(half(a, 0), half(b, 0)), Math.imul(half(a, 1), half(b, 1))];
        expect(apply(smlad, a, b, acc)).toBe((acc + low + high) | 0);
        expect(apply(smlabb, a, b, acc)).toBe((acc + low) | 0);
        expect(apply(smlatt, a, b, acc)).toBe((acc + high) | 0);
        expect(apply(ssub16, a, b)).toBe(pack(half(a, 0) - half(b, 0), half(a, 1) - half(b, 1)));
      }),
      { seed: 2 },
    );
  });
});
