import { describe, expect, it } from 'vitest';
import { add, mul } from '../../kernel/expressions.ts';
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

function rendered(kernels: readonly Kernel[]): RenderedKernels & { readonly text: string; readonly calls: string[] } {
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
  const result = renderKernels({ program, spellings: {}, need: (helper) => helper });
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
});
