// Contract cases of sub: those of every elementwise operator, and power-of-two scales, whose factors are exact shifts.
import type { Case } from './case.ts';
import { elementwiseCase, elementwiseCases } from './elementwise.ts';

export const subCases: readonly Case[] = [
  ...elementwiseCases('sub'),
  elementwiseCase('sub', 'scales that are powers of two', 41, [33], [33], { scales: [2 ** -9, 2 ** -3, 2 ** -2] }),
];
