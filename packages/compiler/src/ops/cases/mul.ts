// Contract cases of mul: those of every elementwise operator, and factors at both ends of the fixed-point range.
import type { Case } from './case.ts';
import { elementwiseCase, elementwiseCases } from './elementwise.ts';

export const mulCases: readonly Case[] = [
  ...elementwiseCases('mul'),
  elementwiseCase('mul', 'factor above 1', 41, [33], [33], { scales: [3, 2.5, 0.4] }),
  elementwiseCase('mul', 'factor too small for a multiplier', 43, [17], [17], { scales: [1e-6, 1e-6, 1] }),
  elementwiseCase('mul', 'factor so large that sums wrap', 45, [17], [17], { scales: [1000, 1000, 0.01] }),
];
