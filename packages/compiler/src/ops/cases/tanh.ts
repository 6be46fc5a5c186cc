// Contract cases of tanh: scales from where all is 0 to where all saturates.
import { commonCases, int8Case } from './activations.ts';
import { type Case, int8 } from './case.ts';

const node = { op: 'tanh' as const, attrs: {} };
const y = [1 / 128, 0] as const;

export const tanhCases: readonly Case[] = [
  ...commonCases(node, [int8([1], 0.05, 3), int8([1], ...y)]),
  int8Case(node, [0.024, 0], y),
  int8Case(node, [0.0625, -128], y),
  int8Case(node, [0.1, 127], y),
  int8Case(node, [0.5, 17], y),
  int8Case(node, [30, -1], y),
  int8Case(node, [2 ** -28, 5], y),
  int8Case(node, [2 ** 34, 5], y),
];
