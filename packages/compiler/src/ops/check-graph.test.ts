import { describe, expect, it } from 'vitest';
import { explain } from '../errors.ts';
import type { Value } from '../graph/graph.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { int8, int8PerAxis, plainType } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';
import type { Graph, OpNode } from './index.ts';

const f32 = plainType('f32', [2]);
const reshape = (from: number, to: number, shape: readonly number[] = [2]): OpNode => ({
  op: 'reshape',
  attrs: { shape },
  inputs: [from],
  outputs: [to],
  from: {},
});
const tensor = (name: string, role: Value['role'], type: TensorType = f32): Value => ({ name, role, type });

/** x → y, both of one type. */
const copyOf = (type: TensorType): Graph => ({
  name: 'copy',
  values: [tensor('x', 'input', type), tensor('y', 'temporary', type)],
  nodes: [reshape(0, 1, type.shape)],
  inputs: [0],
  outputs: [1],
});

describe('the size of a graph', () => {
  const chain = (length: number): Graph => ({
    name: 'chain',
    values: [
      tensor('x', 'input'),
      ...Array.from({ length }, (_, i): Value => ({ name: `y${i}`, type: f32, role: 'temporary' })),
    ],
    nodes: Array.from({ length }, (_, i) => reshape(i, i + 1)),
    inputs: [0],
    outputs: [length],
  });

  it('ends at 4096 nodes', () => {
    expect(checkGraph(chain(4096))).toEqual([]);
    expect(checkGraph(chain(4097)).map(explain)).toEqual(['a graph of 4097 nodes is not supported (at most 4096)']);
  });

  it('ends at 1024 tensors in a list', () => {
    const joined = (count: number): Graph => ({
      name: 'joined',
      values: [tensor('x', 'input'), tensor('y', 'temporary', plainType('f32', [2 * count]))],
      nodes: [
        {
          op: 'concatenation',
          attrs: { axis: 0 },
          inputs: Array.from({ length: count }, () => 0),
          outputs: [1],
          from: {},
        },
      ],
      inputs: [0],
      outputs: [1],
    });
    expect(checkGraph(joined(1024))).toEqual([]);
    expect(checkGraph(joined(1025)).map(explain)).toEqual([
      'a graph of 1025 inputs or outputs in one place is not supported (at most 1024)',
    ]);
  });
});

describe('inputs and outputs', () => {
  const affine = (scale: number, zeroPoint: number): TensorType => int8([2], scale, zeroPoint);

  it.each<readonly [string, TensorType]>([
    ['usual scales', affine(0.5, -128)],
    ['no scale', plainType('i8', [2])],
    ['scales per axis, as of weights that are fed', int8PerAxis([2], [1, 2])],
    ['int32, where scales say nothing', { ...affine(0, 300), dtype: 'i32' }],
  ])('may have %s', (_, type) => {
    expect(checkGraph(copyOf(type))).toEqual([]);
  });

  it.each<readonly [string, TensorType]>([
    ['scale 0', affine(0, 0)],
    ['a negative scale', affine(-1, 0)],
    ['an infinite scale', affine(Infinity, 0)],
    ['no number as scale', affine(Number.NaN, 0)],
    ['a zero point that is no int8', affine(0.5, 128)],
    ['a zero point beyond int32', affine(0.5, 2 ** 40)],
  ])('may not have %s', (_, type) => {
    const issues = checkGraph(copyOf(type)).map(explain);
    expect(issues.map((text) => text.replace(/: expected.*/, ''))).toEqual([
      'tensor x: quantisation of an input or output of the model',
      'tensor y: quantisation of an input or output of the model',
    ]);
  });
});
