// The comparison itself: it must see a wrong bit, and say where.
import { afterAll, expect, it } from 'vitest';
import { graphOfCases } from '../../packages/compiler/src/ops/cases/case.ts';
import { cases } from '../../packages/compiler/src/ops/cases/index.ts';
import type { Data } from '../../packages/compiler/src/tensor/dtype.ts';
import { createHostRunner } from '../../packages/verify/src/host-runner.ts';
import { openWorkspace } from '../../packages/verify/src/workspace.ts';
import { cTargetOf, orSkipped, programOf, wrongLayers } from './compare-layers.ts';
import { type Contract, contractOf, interpretLayers, sideBySide } from './side-by-side.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const runner = createHostRunner(workspace, { sanitize: false });
const available = await runner.available();

const fed = sideBySide('some', [graphOfCases('split', cases.split), graphOfCases('softmax', cases.softmax)]);
const contract = contractOf(fed, interpretLayers(fed));
const compare = (one: Contract): Promise<readonly string[]> =>
  wrongLayers(one, programOf(one, cTargetOf('host')), runner, { optimise: ['-O0'] });

/** The contract with another expected value at one place. */
function changed(layer: number, output: number, element: number, value: number): Contract {
  const layers = contract.layers.map((outputs) => outputs.map((data) => data.slice()));
  const data = layers[layer]?.[output];
  if (data === undefined || data instanceof BigInt64Array) throw new Error('no such place');
  data[element] = value;
  return { ...contract, layers };
}

it.skipIf(!available.ok)(`finds no difference where there is none${orSkipped(available)}`, async () => {
  expect(await compare(contract)).toEqual([]);
});

it.skipIf(!available.ok)(`names the output and element that differs${orSkipped(available)}`, async () => {
  const layer = contract.layers.findIndex(([, second]) => second instanceof Int8Array && second.length > 2);
  const was = Number(contract.layers[layer]?.[1]?.[2]);
  const lines = await compare(changed(layer, 1, 2, was ^ 1));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`host-plain -O0: layer ${layer} split`);
  expect(lines[0]).toContain(cases.split[layer]?.name);
  expect(lines[0]).toMatch(new RegExp(`element 2 \\[.*\\] of output 1 is ${was}, expected ${was ^ 1} `));
});

it.skipIf(!available.ok)(`sees what stands beside a NaN${orSkipped(available)}`, async () => {
  const isMixed = (data: Data | undefined): data is Float32Array =>
    data instanceof Float32Array && data.some(Number.isNaN) && !data.every(Number.isNaN);
  const layer = contract.layers.findIndex(([data]) => isMixed(data));
  const [data] = contract.layers[layer] ?? [];
  if (!isMixed(data)) throw new Error('no case has a NaN beside numbers');
  const element = data.findIndex((value) => !Number.isNaN(value));
  const lines = await compare(changed(layer, 0, element, 99));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`element ${element} [`);
});
