// The contract for speed: cases whose operators have tactics, compiled for the targets that have the instructions, give on
// the machines what the operators' own loops give in the interpreter; and the tactics were really taken.
import { afterAll, expect, it } from 'vitest';
import { compile, graphIdeas } from '../../packages/compiler/src/compile.ts';
import { graphOfCases } from '../../packages/compiler/src/ops/cases/case.ts';
import { cases } from '../../packages/compiler/src/ops/cases/index.ts';
import { randomLayers, randomSums, tallLayers } from '../../packages/compiler/src/ops/cases/random-layers.ts';
import { candidatesOf, plain, tactics } from '../../packages/compiler/src/tactics/index.ts';
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
const offered = (target: (typeof cTargets)[number]): ReadonlySet<string> =>
  new Set(
    all.graph.nodes
      .flatMap((node) => candidatesOf(all.graph, node, target).map(({ tactic }) => tactic))
      .filter((name) => name !== plain),
  );

/** One target of each family of instructions runs every tactic alone, the others whatever is chosen where there is a choice. */
const alone: ReadonlySet<string> = new Set(['cortex-m4', 'cortex-m55', 'cortex-m0plus', 'rv32imc']);

for (const target of cTargets) {
  const names = offered(target);
  if (names.size === 0) continue;
  const runner = createCRunner(target, workspace);
  if (runner === undefined) throw new Error(`no machine runs ${target.name}`);
  const available = await runner.available();
  const left = (name: string): readonly string[] =>
    tactics.flatMap((other) => (other.name === name ? [] : [other.name]));
  const choices = alone.has(target.name)
    ? [...names].map((name) => ({ name, without: left(name) }))
    : [{ without: [] }];
  const what = alone.has(target.name) ? 'every tactic' : 'the tactics chosen';
  it.skipIf(!available.ok)(`${target.name}: ${what}${orSkipped(available)}`, { timeout: 600_000 }, async () => {
    for (const choice of choices) {
      const artifact = compile(contract.graph, { target, without: [...graphIdeas, plain, ...choice.without] });
      const taken = artifact.report.layers.filter(({ tactic }) =>
        'name' in choice ? tactic === choice.name : tactic !== plain,
      );
      expect(taken.length).toBeGreaterThan(0);
      expect(await wrongLayers(contract, cProgram(artifact), runner, { optimise: ['-O2'] })).toEqual([]);
    }
  });
}
