// Contract cases of relu6: six inside, at and beyond the end of int8.
import { commonCases, int8Case } from './activations.ts';
import { type Case, int8 } from './case.ts';

const node = { op: 'relu6' as const, attrs: {} };

export const relu6Cases: readonly Case[] = [
  ...commonCases(node, [int8([1], 0.05, 3), int8([1], 0.05, 3)]),
  int8Case(node, [6 / 255, -128], [6 / 255, -128]),
  int8Case(node, [0.05, 127], [0.05, 127]),
  int8Case(node, [0.08, -128], [0.08, -128]),
  int8Case(node, [12, 0], [12, 0]),
  int8Case(node, [20, -7], [20, -7]),
  int8Case(node, [1e-12, -7], [1e-12, -7]),
];
