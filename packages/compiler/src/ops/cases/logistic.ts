// Contract cases of logistic: scales from where all is one half to where all saturates.
import { commonCases, int8Case } from './activations.ts';
import { type Case, int8 } from './case.ts';

const node = { op: 'logistic' as const, attrs: {} };
const y = [1 / 256, -128] as const;

export const logisticCases: readonly Case[] = [
  ...commonCases(node, [int8([1], 0.05, 3), int8([1], ...y)]),
  int8Case(node, [0.047, 0], y),
  int8Case(node, [0.0625, -128], y),
  int8Case(node, [0.1, 127], y),
  int8Case(node, [0.5, 17], y),
  int8Case(node, [30, -1], y),
  int8Case(node, [2 ** -28, 5], y),
  int8Case(node, [2 ** 34, 5], y),
];
