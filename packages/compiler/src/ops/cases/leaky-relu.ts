// Contract cases of leakyRelu: slopes below, at and above 1, none, and negative ones.
import { commonCases, int8Case } from './activations.ts';
import { type Case, int8 } from './case.ts';

const node = (alpha: number) => ({ op: 'leakyRelu' as const, attrs: { alpha } });

export const leakyReluCases: readonly Case[] = [
  ...commonCases(node(0.2), [int8([1], 0.05, 3), int8([1], 0.03, -20)]),
  int8Case(node(0.01), [0.05, 3], [0.05, 3]),
  int8Case(node(1), [0.05, 3], [0.05, 3]),
  int8Case(node(0), [0.05, 3], [0.02, -128]),
  int8Case(node(1.7), [0.05, 127], [0.1, 127]),
  int8Case(node(-0.3), [0.05, -5], [0.04, 9]),
  int8Case(node(0.1), [1, 0], [1e-5, -128]),
  int8Case(node(1e-9), [1e-3, 0], [1, 0]),
  ...commonCases(node(-1.5), [int8([1], 0.05, 3), int8([1], 0.03, -20)]).filter(
    (one) => one.name === 'float telltales',
  ),
];
