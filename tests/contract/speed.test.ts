// The contract for speed: cases whose operators have tactics, compiled for the targets that have the instructions, give on
// the machines what the operators' own loops give in the interpreter; and the tactics were really taken.
import { afterAll, expect, it } from 'vitest';
import { compile } from '../../packages/compiler/src/compile.ts';
import { graphOfCases } from '../../packages/compiler/src/ops/cases/case.ts';
import { cases } from '../../packages/compiler/src/ops/cases/index.ts';
import { tacticOf } from '../../packages/compiler/src/tactics/index.ts';
import { cProgram, createCRunner } from '../../packages/verify/src/executor.ts';
import { openWorkspace } from '../../packages/verify/src/workspace.ts';
import { cTargets, orSkipped, wrongLayers } from './compare-layers.ts';
import { contractOf, interpretLayers, sideBySide } from './side-by-side.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const parts = (['conv2d', 'depthwiseConv2d', 'fullyConnected'] as const).map((op) => graphOfCases(op, cases[op]));
const all = sideBySide('speed', parts);
const contract = contractOf(all, interpretLayers(all));

const taken = (target: (typeof cTargets)[number]): number =>
  all.graph.nodes.filter((node) => tacticOf(all.graph, node, target) !== undefined).length;

for (const target of cTargets.filter((one) => taken(one) > 0)) {
  const runner = createCRunner(target, workspace);
  if (runner === undefined) throw new Error(`no machine runs ${target.name}`);
  const available = await runner.available();
  it.skipIf(!available.ok)(`${target.name} at full speed${orSkipped(available)}`, { timeout: 600_000 }, async () => {
    expect(taken(target)).toBeGreaterThan(10);
    const program = cProgram(compile(contract.graph, { target, optimize: 'speed' }));
    expect(await wrongLayers(contract, program, runner, { optimise: ['-O2'] })).toEqual([]);
  });
}
