import { describe, expect, it } from 'vitest';
import { add, int, mul, shr } from '../../kernel/expressions.ts';
import type { Kernel, KernelArgument } from '../../kernel/ir.ts';
import { buildKernel } from '../../kernel/writer.ts';
import type { Program } from '../program.ts';
import { type RenderedKernels, renderKernels } from './kernels.ts';

const x: KernelArgument = { name: 'x', type: 'i32', length: 4, space: 'argument', access: 'read' };
const y: KernelArgument = { ...x, name: 'y', access: 'write' };

/** Adds the first table to x, and the second. */
const sums = (name: string, first: readonly number[], second: readonly number[]): Kernel =>
  buildKernel(name, `layer ${name}`, [x, y], (k) => {
    const tables = [k.constant('first', Int32Array.from(first)), k.constant('second', Int32Array.from(second))];
    k.for('i', 0, 4, (i) =>
      k.store(
        y,
        i,
        tables.reduce((sum, table) => add(sum, k.load(table, i)), k.load(x, i)),
      ),
    );
  });

function rendered(
  kernels: readonly Kernel[],
  small = false,
): RenderedKernels & { readonly text: string; readonly calls: string[] } {
  const program: Program = {
    prefix: 'tiny',
    title: 'tiny',
    steps: kernels.map((kernel) => ({ note: kernel.note, kernel, offsets: [0, 16], outputs: [] })),
    arenaBytes: 32,
    alignment: 8,
    inputs: [],
    outputs: [],
    states: [],
    macs: 0,
  };
  const result = renderKernels({ program, spellings: {}, need: (helper) => helper, small });
  const calls = program.steps.flatMap((step) => (step.kernel === undefined ? [] : [result.call(step, step.kernel)]));
  return { ...result, text: result.definitions.flat().join('\n'), calls };
}

const functions = (text: string): number => text.match(/static void/g)?.length ?? 0;

describe('kernels', () => {
  const [a, b] = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ] as const;

  it('that differ in one constant share a function, which is handed that constant alone', () => {
    const { text, calls } = rendered([sums('one', a, b), sums('two', b, b)]);
    expect(functions(text)).toBe(1);
    expect(text).toContain(
      'static void tiny_one(const int32_t *restrict x, int32_t *restrict y, const int32_t *restrict first)',
    );
    expect(text).toContain('/* layer one\n * layer two */');
    expect(calls.map((call) => call.replace(/\(const int32_t \*\).*\(arena \+ 16\)/, '…'))).toEqual([
      'tiny_one(…, tiny_one_first);',
      'tiny_one(…, tiny_one_second);',
    ]);
  });

  it('have equal constants once', () => {
    const { text } = rendered([sums('one', a, b), sums('two', b, a)]);
    expect(text.match(/static const/g)).toHaveLength(2);
  });

  it('do not share a function where what one computes may wrap, and what another does may not', () => {
    const product = (name: string, values: readonly number[]): Kernel =>
      buildKernel(name, name, [x, y], (k) => {
        const table = k.constant('first', Int32Array.from(values));
        k.for('i', 0, 4, (i) => k.store(y, i, mul(k.load(table, i), 4)));
      });
    expect(functions(rendered([product('one', a), product('two', b)]).text)).toBe(1);
    expect(functions(rendered([product('one', a), product('two', [2 ** 30, 0, 0, 0])]).text)).toBe(2);
  });

  it('that are the same are called with no constants', () => {
    const kernel = sums('one', a, b);
    const { text, calls } = rendered([kernel, kernel]);
    expect(functions(text)).toBe(1);
    expect(calls[1]).toBe(calls[0]);
    expect(calls[0]).not.toContain('first');
  });

  const shifted = (name: string, factor: number, count: number): Kernel =>
    buildKernel(name, name, [x, y], (k) => k.for('i', 0, count, (i) => k.store(y, i, shr(k.load(x, i), factor))));

  it('that differ in numbers are apart, unless code is to be small', () => {
    const kernels = [shifted('one', 3, 4), shifted('two', 5, 2), shifted('three', 3, 2)];
    expect(functions(rendered(kernels).text)).toBe(3);
    const { definitions, calls, noInline } = rendered(kernels, true);
    expect(definitions).toHaveLength(1);
    expect(noInline).toBe(true);
    expect(definitions[0]?.join('\n')).toContain('int32_t number_0, int32_t number_1)');
    expect(calls.map((call) => call.replace(/.*\(arena \+ 16\)/, '…'))).toEqual([
      '…, 4, 3);',
      '…, 2, 5);',
      '…, 2, 3);',
    ]);
  });

  it('have one parameter for numbers that are the same in each', () => {
    const { text } = rendered([shifted('one', 3, 3), shifted('two', 2, 2)], true);
    expect(text).toContain('i < number_0');
    expect(text).toContain('number_0)');
    expect(text).not.toContain('number_1');
  });

  it('keep numbers that are stored as they are, which would need a cast', () => {
    const filled = (name: string, value: number): Kernel =>
      buildKernel(name, name, [x, y], (k) => k.store(y, 0, int(value)));
    expect(rendered([filled('one', 1), filled('two', 2)], true).text).toMatch(/y\[0\] = 1;[\s\S]*y\[0\] = 2;/);
  });
});
