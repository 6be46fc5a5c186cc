// Predictions: kinds add up to the instructions. How near they come is compared with counts in tests/predictions.test.ts.
import { describe, expect, it } from 'vitest';
import { instructionsOf } from '../kernel/instruction-mix.ts';
import { graphOfCases } from '../ops/cases/case.ts';
import { cases } from '../ops/cases/index.ts';
import { lowerNode } from '../ops/lower-node.ts';
import { targets } from '../targets/index.ts';
import { candidatesOf } from './index.ts';
import { predictCost, predictExecution } from './predict-cost.ts';

describe('a prediction', () => {
  it.each(targets.map((target) => [target.name, target] as const))('is the sum of its kinds, on %s', (_, target) => {
    let kernels = 0;
    for (const table of Object.values(cases))
      for (const one of table.slice(0, 6)) {
        const { graph } = graphOfCases('mix', [one]);
        const [node] = graph.nodes;
        if (node === undefined) continue;
        for (const { tactic, lower } of candidatesOf(graph, node, target)) {
          const { kernel } = lowerNode(graph, node, 'mix', lower);
          const { instructions } = predictCost(kernel, target);
          const { mix } = predictExecution(kernel, target).execution;
          expect(Math.abs(instructionsOf(mix) - instructions), `${node.op} ${tactic}`).toBeLessThanOrEqual(
            0.5 + instructions * 1e-9,
          );
          for (const count of Object.values(mix)) expect(count).toBeGreaterThanOrEqual(0);
          kernels += 1;
        }
      }
    expect(kernels).toBeGreaterThan(50);
  });
});
