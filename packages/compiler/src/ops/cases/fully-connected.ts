// Contract cases of fullyConnected: odd sizes, several rows, per-channel scales, asymmetric weights, kept dimensions.
import type { FullyConnectedAttrs } from '../fully-connected.ts';
import { type Case, fed, int8, int8PerAxis, known, plainType } from './case.ts';

const attrs: FullyConnectedAttrs = { activation: 'none', keepDims: false };
const node = (own: Partial<FullyConnectedAttrs> = {}) => ({
  op: 'fullyConnected' as const,
  attrs: { ...attrs, ...own },
});

export const fullyConnectedCases: readonly Case[] = [
  {
    name: 'one to one',
    node: node(),
    inputs: [fed(int8([1, 1], 0.02, -128), 1), known(int8([1, 1], 0.1), 2), known(plainType('i32', [1]), 3)],
    outputs: [int8([1, 1], 0.3, 3)],
  },
  {
    name: '17 to 16, relu',
    node: node({ activation: 'relu' }),
    inputs: [fed(int8([1, 17], 0.05, 127), 4), known(int8([16, 17], 0.01), 5), known(plainType('i32', [16]), 6)],
    outputs: [int8([1, 16], 0.02, -128)],
  },
  {
    name: 'three rows, per channel',
    node: node(),
    inputs: [
      fed(int8([3, 7], 0.1, 9), 7),
      known(int8PerAxis([5, 7], [0.01, 0.02, 0.04, 0.001, 0.3]), 8),
      known(plainType('i32', [5]), 9),
    ],
    outputs: [int8([3, 5], 0.5, -1)],
  },
  {
    name: 'asymmetric weights, no bias',
    node: node(),
    inputs: [fed(int8([2, 16], 0.1, -3), 10), known(int8([4, 16], 0.02, 11), 11), undefined],
    outputs: [int8([2, 4], 0.4, 0)],
  },
  {
    name: 'weights fed at run time',
    node: node(),
    inputs: [fed(int8([2, 7], 0.1, -3), 12), fed(int8([3, 7], 0.02), 13), undefined],
    outputs: [int8([2, 3], 0.4, 5)],
  },
  {
    name: 'keeps dimensions',
    node: node({ keepDims: true, activation: 'relu6' }),
    inputs: [fed(int8([1, 2, 3, 4], 0.1, -3), 14), known(int8([5, 4], 0.02), 15), known(plainType('i32', [5]), 16)],
    outputs: [int8([1, 2, 3, 5], 0.05, -20)],
  },
  {
    name: 'flattens leading dimensions',
    node: node(),
    inputs: [fed(int8([1, 2, 2, 4], 0.1, -3), 17), known(int8([3, 8], 0.02), 18), known(plainType('i32', [3]), 19)],
    outputs: [int8([2, 3], 0.3, 0)],
  },
  {
    name: 'float, relu',
    node: node({ activation: 'relu' }),
    inputs: [
      fed(plainType('f32', [2, 17]), 20, 3),
      known(plainType('f32', [7, 17]), 21, 1),
      known(plainType('f32', [7]), 22, 1),
    ],
    outputs: [plainType('f32', [2, 7])],
  },
  {
    name: 'float, no bias',
    node: node(),
    inputs: [fed(plainType('f32', [1, 16]), 23, 3), known(plainType('f32', [1, 16]), 24, 1), undefined],
    outputs: [plainType('f32', [1, 1])],
  },
];
