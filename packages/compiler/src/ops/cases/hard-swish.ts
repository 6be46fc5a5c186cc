// Contract cases of hardSwish: shifts to the left and to the right, both saturations, the ends of the scales.
import { commonCases, int8Case } from './activations.ts';
import { type Case, int8 } from './case.ts';

const node = { op: 'hardSwish' as const, attrs: {} };

export const hardSwishCases: readonly Case[] = [
  ...commonCases(node, [int8([1], 0.05, 3), int8([1], 0.03, -115)]),
  int8Case(node, [0.0468, -64], [0.0249, -113]),
  int8Case(node, [0.05, -128], [0.05, -128]),
  int8Case(node, [0.05, 127], [0.003, -1]),
  int8Case(node, [0.5, 17], [0.3, 127]),
  int8Case(node, [10, 0], [0.1, 0]),
  int8Case(node, [0.0005, 3], [0.0004, -3]),
  int8Case(node, [1e-6, 3], [2e-4, -3]),
  int8Case(node, [1000, 3], [2000, -128]),
];
