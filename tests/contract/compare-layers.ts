// Runs a contract as generated C on a machine and says where its layers differ: which layer, element, and both values.
import { compile, graphIdeas, type Optimize } from '../../packages/compiler/src/compile.ts';
import { valueAt } from '../../packages/compiler/src/graph/graph.ts';
import { targets } from '../../packages/compiler/src/targets/index.ts';
import type { CTarget } from '../../packages/compiler/src/targets/target.ts';
import { bytesOf, dataFromBytes } from '../../packages/compiler/src/tensor/dtype.ts';
import { crc32 } from '../../packages/verify/src/crc32.ts';
import {
  type Difference,
  differenceAt,
  explainDifference,
  firstDifference,
} from '../../packages/verify/src/difference.ts';
import { cProgram } from '../../packages/verify/src/executor.ts';
import { RunError } from '../../packages/verify/src/run-error.ts';
import {
  type Available,
  type CProgram,
  isSkipped,
  type Runner,
  type RunOptions,
  type RunResult,
} from '../../packages/verify/src/runner.ts';
import type { Contract } from './side-by-side.ts';

/** Every target that is reached in C, by the list of targets. */
export const cTargets = targets.filter((target): target is CTarget => target.output === 'c');

export function cTargetOf(name: string): CTarget {
  const target = cTargets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`no target ${name}`);
  return target;
}

/** A contract's graph as C for a target; as it stands, since passes would leave out what is compared. */
export const programOf = ({ graph }: Contract, target: CTarget, optimize?: Optimize): CProgram =>
  cProgram(compile(graph, { target, without: graphIdeas, ...(optimize === undefined ? {} : { optimize }) }));

/** What follows a title: nothing, or why the tests below it are skipped. */
export const orSkipped = (available: Available): string =>
  available.ok ? '' : ` (no ${available.missing}: ${available.install})`;

/**
 * How a contract is compiled for a target. Sanitizers see no less without optimisation, and take a fifth of the time;
 * firmware is built as users build it.
 */
export const optimiseFor = (target: CTarget): readonly string[] => [target.name === 'host' ? '-O0' : '-O2'];

/** Layers that are looked at closely where they differ; each costs another run. */
const shown = 3;
const timeoutMs = 600_000;

/** A line for each layer that differs from the contract; the first few name the element. */
export async function wrongLayers(
  contract: Contract,
  program: CProgram,
  runner: Runner,
  options: RunOptions = {},
): Promise<readonly string[]> {
  const { graph, inputs, layers } = contract;
  const run = async (what: RunOptions): Promise<RunResult> => {
    const result = await runner.run(program, [inputs.map(bytesOf)], { timeoutMs, ...options, ...what });
    if (isSkipped(result)) throw new RunError(result.skipped);
    return result;
  };
  const { layerCrcs: [crcs = []] = [], outputs: [outputs = []] = [] } = await run({ trace: true });
  const name = [runner.name, ...(options.optimise ?? [])].join(' ');
  const lines: string[] = [];
  for (const [layer, node] of graph.nodes.entries()) {
    if (crcs[layer] === crc32(Buffer.concat((layers[layer] ?? []).map(bytesOf)))) continue;
    const ports = node.outputs.flatMap((id) => outputs[graph.outputs.indexOf(id)] ?? []);
    if (ports.length === node.outputs.length) {
      const difference = differenceIn(contract, layer, Buffer.concat(ports));
      if (difference !== undefined) lines.push(`${name}: ${explainDifference(difference)}`);
      continue;
    }
    const { layerDump } = lines.length < shown ? await run({ dumpLayer: layer }) : {};
    const difference = layerDump && differenceIn(contract, layer, layerDump);
    const where = difference ? explainDifference(difference) : `layer ${layer} ${node.op}, node ${node.from.node}`;
    lines.push(`${name}: ${where}`);
  }
  return lines;
}

/** The first element of a layer whose value is another; NaNs are alike. */
function differenceIn({ graph, inputs, layers }: Contract, layer: number, bytes: Uint8Array): Difference | undefined {
  let at = 0;
  for (const [output, expected] of (layers[layer] ?? []).entries()) {
    const { type } = valueAt(graph, graph.nodes[layer]?.outputs[output] ?? -1);
    const got = dataFromBytes(type.dtype, Uint8Array.from(bytes.subarray(at, at + expected.byteLength)));
    at += expected.byteLength;
    const element = firstDifference(expected, got);
    if (element === undefined) continue;
    return differenceAt(graph, { name: graph.name, inputs }, { layer, output, element }, expected, got);
  }
  return undefined;
}
