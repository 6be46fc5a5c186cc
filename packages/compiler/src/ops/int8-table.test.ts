import { expect, it } from 'vitest';
import { interpret } from '../kernel/interpret.ts';
import type { KernelArgument } from '../kernel/ir.ts';
import { buildKernel } from '../kernel/writer.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { lowerTable, tableOf } from './int8-table.ts';

const tensor: TensorType = { dtype: 'i8', shape: [256] };
const argument = { type: 'i8', length: 256, space: 'argument', tensor } as const;

function run(table: Int8Array): { readonly y: Int8Array; readonly constants: number } {
  const x: KernelArgument & { tensor: TensorType } = { ...argument, name: 'x', access: 'read' };
  const y: KernelArgument & { tensor: TensorType } = { ...argument, name: 'y', access: 'write' };
  const kernel = buildKernel('lookup', '', [x, y], (k) => lowerTable(k, x, y, table));
  const data = new Int8Array(256);
  interpret(kernel, [tableOf((value) => value), data]);
  return { y: data, constants: kernel.constants.length };
}

it.each([
  ['the identity', (x: number) => x, 0],
  ['one value', () => 7, 0],
  ['a clamp', (x: number) => Math.min(Math.max(x, -5), 90), 0],
  ['a lower bound', (x: number) => Math.max(x, 3), 0],
  ['an offset that saturates', (x: number) => Math.min(x + 100, 127), 0],
  ['an offset downwards, clamped', (x: number) => Math.min(Math.max(x - 100, -128), 20), 0],
  ['a step by one', (x: number) => (x >= 90 ? 5 : 4), 0],
  ['a step by two', (x: number) => (x >= 90 ? 5 : 3), 1],
  ['a falling line', (x: number) => -x - 1, 1],
  ['any other function', (x: number) => (x * x) >> 8, 1],
])('%s comes out, in its shortest form', (_, definition, constants) => {
  const table = tableOf(definition);
  const { y, constants: found } = run(table);
  expect(y).toEqual(table);
  expect(found).toBe(constants);
});
