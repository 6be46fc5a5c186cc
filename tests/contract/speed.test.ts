// The contract for speed: cases whose operators have tactics, compiled for the targets that have the instructions, give on
// the machines what the operators' own loops give in the interpreter; and the tactics were really taken.
import { afterAll, expect, it } from 'vitest';
import { compile } from '../../packages/compiler/src/compile.ts';
import { graphOfCases } from '../../packages/compiler/src/ops/cases/case.ts';
import { cases } from '../../packages/compiler/src/ops/cases/index.ts';
import { randomLayers, randomSums, tallLayers } from '../../packages/compiler/src/ops/cases/random-layers.ts';
import { passNames } from '../../packages/compiler/src/passes/index.ts';
import { candidatesOf, tactics } from '../../packages/compiler/src/tactics/index.ts';
import { cProgram, createCRunner } from '../../packages/verify/src/executor.ts';
import { openWorkspace } from '../../packages/verify/src/workspace.ts';
import { cTargets, orSkipped, wrongLayers } from './compare-layers.ts';
import { contractOf, interpretLayers, sideBySide } from './side-by-side.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const weighted = ['conv2d', 'depthwiseConv2d', 'fullyConnected'] as const;
const others = ['add', 'sub', 'averagePool2d', 'maxPool2d', 'mean', 'quantize', 'logistic', 'leakyRelu'] as const;
const parts = [
  ...[...weighted, ...others].map((op) => graphOfCases(op, cases[op])),
  graphOfCases('random', [...randomLayers(11, 80), ...randomSums(11, 30), ...tallLayers()]),
];
const all = sideBySide('speed', parts);
const contract = contractOf(all, interpretLayers(all));

/** Tactics that a target offers for some of the cases. */
const offered = (target: (typeof cTargets)[number]): readonly string[] =>
  tactics.flatMap(({ name }) => {
    const others = tactics.flatMap((other) => (other.name === name ? [] : [other.name]));
    const takes = all.graph.nodes.some((node) =>
      candidatesOf(all.graph, node, target, others).some(({ tactic }) => tactic === name),
    );
    return takes ? [name] : [];
  });

for (const target of cTargets) {
  const names = offered(target);
  if (names.length === 0) continue;
  const runner = createCRunner(target, workspace);
  if (runner === undefined) throw new Error(`no machine runs ${target.name}`);
  const available = await runner.available();
  it.skipIf(!available.ok)(`${target.name}: every tactic${orSkipped(available)}`, { timeout: 600_000 }, async () => {
    for (const name of names) {
      const without = ['plain', ...tactics.flatMap((other) => (other.name === name ? [] : [other.name]))];
      const artifact = compile(contract.graph, { target, without: [...passNames, ...without] });
      expect(artifact.report.layers.some(({ tactic }) => tactic === name)).toBe(true);
      expect(await wrongLayers(contract, cProgram(artifact), runner, { optimise: ['-O2'] })).toEqual([]);
    }
  });
}
