// What a model takes on a target, goal by goal and with less and less memory: each build measured.
import { type Artifact, compile, type Graph, type Optimize } from '@anymote/compiler';
import { type BenchOptions, benchModel, type Workspace } from '@anymote/verify';
import { type Build, between, onFront } from './pareto.ts';

export type SweepOptions = Pick<BenchOptions, 'target' | 'without' | 'optimise' | 'timeoutMs'>;

const goals: readonly Optimize[] = ['speed', 'balanced', 'size'];

/** Amounts of memory between the least and what is needed without a budget. */
const amountsBetween = 2;

const unlimited = { ramBytes: Number.POSITIVE_INFINITY, flashBytes: Number.POSITIVE_INFINITY };

interface Plan {
  readonly optimize: Optimize;
  readonly ramBytes: number | undefined;
  readonly arenaBytes: number;
}

/** All builds, by goal and falling memory. @throws {CompileError}, {RunError} */
export async function sweep(
  graph: Graph,
  workspace: Workspace,
  options: SweepOptions,
  onProgress: (text: string) => void,
): Promise<readonly Build[]> {
  const plans = goals.flatMap((optimize) => {
    onProgress(`${optimize}: how little memory will do`);
    return plansFor(graph, options, optimize);
  });
  const builds: Build[] = [];
  for (const [i, { optimize, ramBytes }] of plans.entries()) {
    const name = ramBytes === undefined ? optimize : `${optimize}, ${ramBytes} bytes of RAM`;
    const memory = { ...unlimited, ...(ramBytes === undefined ? {} : { ramBytes }) };
    const report = await benchModel(graph, workspace, {
      ...options,
      optimize,
      memory,
      byLayer: false,
      onProgress: (step) => onProgress(`${i + 1} of ${plans.length}, ${name}: ${step}`),
    });
    const { arenaBytes, instructions = 0, codeBytes = 0, weightBytes } = report;
    const flashBytes = codeBytes + weightBytes;
    builds.push({ name, optimize, ramBytes, arenaBytes, instructions, codeBytes, flashBytes, front: false });
  }
  const front = onFront(builds);
  return builds.map((build, i) => ({ ...build, front: front[i] ?? false }));
}

/** Builds of a goal that differ in memory. */
function plansFor(graph: Graph, { target, without }: SweepOptions, optimize: Optimize): readonly Plan[] {
  const build = (ramBytes: number | 'least' | undefined): Artifact =>
    compile(graph, {
      target,
      optimize,
      ...(without === undefined ? {} : { without }),
      memory: { ...unlimited, ...(ramBytes === undefined ? {} : { ramBytes }) },
    });
  const free = build(undefined).plan.arenaBytes;
  const least = build('least').plan.arenaBytes;
  const amounts = [...between(least, free, amountsBetween), ...(least < free ? [least] : [])].sort((a, b) => b - a);
  const plans: Plan[] = [{ optimize, ramBytes: undefined, arenaBytes: free }];
  for (const ramBytes of amounts) {
    const { arenaBytes } = build(ramBytes).plan;
    if (plans.every((plan) => plan.arenaBytes !== arenaBytes)) plans.push({ optimize, ramBytes, arenaBytes });
  }
  return plans;
}
