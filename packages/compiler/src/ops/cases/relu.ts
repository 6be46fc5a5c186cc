// Contract cases of relu: same scales (a clamp), finer and coarser outputs, zero points at both ends.
import { commonCases, int8Case } from './activations.ts';
import { type Case, int8 } from './case.ts';

const node = { op: 'relu' as const, attrs: {} };

export const reluCases: readonly Case[] = [
  ...commonCases(node, [int8([1], 0.05, 3), int8([1], 0.03, -128)]),
  int8Case(node, [0.05, 3], [0.05, 3]),
  int8Case(node, [0.05, -128], [0.05, 127]),
  int8Case(node, [0.05, 127], [0.001, -128]),
  int8Case(node, [0.0001, 0], [10, 5]),
  int8Case(node, [1, -100], [0.9, -128]),
  int8Case(node, [1e-12, -100], [10, -1]),
];
