// Many mutants judged one after the other, and what came of them in figures. Every mutant follows from the seed and its
// number alone, so that one that fails can be had again; those that fail are shrunk to fewer changes and kept as files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Workspace } from '../../packages/verify/src/workspace.ts';
import { judge, type Outcome, type Verdict } from './judge.ts';
import { bytesOfMutant, type Mutant, mutants, seedOf } from './mutate.ts';
import { runC } from './run-c.ts';
import type { SeedGroup } from './seed-models.ts';

export const limits = { cpuMs: 2000, memoryBytes: 2 ** 30 } as const;

export interface CampaignOptions {
  readonly seed: number;
  readonly count: number;
  /** Judge this mutant only. */
  readonly only?: number;
  /** Compile and run the C text of so many accepted mutants, spread over all. */
  readonly cSample?: number;
  /** Where files of failing mutants go. */
  readonly folder: string;
  /** Called before each mutant. */
  readonly onCase?: (number: number) => void;
}

export interface Failure {
  readonly number: number;
  readonly model: string;
  readonly problem: string;
  readonly detail: string;
  /** The mutant with as few changes as still fail. */
  readonly changes: Pick<Mutant, 'modelChanges' | 'byteChanges' | 'followShapes'>;
  readonly file: string;
}

export interface Report {
  readonly seed: number;
  readonly count: number;
  readonly refused: ReadonlyMap<string, number>;
  readonly accepted: ReadonlyMap<string, number>;
  readonly roundedFar: number;
  readonly slowest: { readonly number: number; readonly model: string; readonly cpuMs: number };
  /** What raised the peak of resident memory most. */
  readonly hungriest: { readonly number: number; readonly model: string; readonly growthBytes: number };
  /** The most that resident memory ever was above what it was at the start. */
  readonly memoryGrowthBytes: number;
  readonly compiledC: { readonly equal: number; readonly skipped: string | undefined };
  readonly failures: readonly Failure[];
}

/** The mutants of a seed, as fast-check draws them. */
function mutantsOf({ seed, count }: CampaignOptions): readonly Mutant[] {
  const list: Mutant[] = [];
  fc.assert(
    fc.property(mutants, (mutant) => {
      list.push(mutant);
    }),
    { seed, numRuns: count },
  );
  return list;
}

const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;

/** Judges the mutants; C is compiled and run afterwards, in the workspace. */
export async function runCampaign(
  groups: readonly SeedGroup[],
  options: CampaignOptions,
  workspace?: Workspace,
): Promise<Report> {
  const { count, only, cSample = 0 } = options;
  const list = mutantsOf(options);
  const refused = new Map<string, number>();
  const accepted = new Map<string, number>();
  const failures: Failure[] = [];
  const forC: { readonly number: number; readonly outcome: Accepted }[] = [];
  const base = peakBytes();
  let roundedFar = 0;
  let slowest = { number: 0, model: '', cpuMs: 0 };
  let hungriest = { number: 0, model: '', growthBytes: 0 };
  let acceptedCount = 0;
  for (const [number, mutant] of list.entries()) {
    if (only !== undefined && number !== only) continue;
    options.onCase?.(number);
    const before = peakBytes();
    const { outcome, cpuMs } = await judgeMutant(mutant, number, groups);
    const model = seedOf(mutant, groups).name;
    if (cpuMs > slowest.cpuMs) slowest = { number, model, cpuMs };
    const growthBytes = peakBytes() - before;
    if (growthBytes > hungriest.growthBytes) hungriest = { number, model, growthBytes };
    const problem = problemOf(outcome, cpuMs, growthBytes);
    if (problem !== undefined) failures.push(await failureOf(mutant, number, problem, groups, options));
    else if (outcome.kind === 'refused') increment(refused, outcome.reason);
    else if (outcome.kind === 'accepted') {
      increment(accepted, outcome.run);
      if (outcome.roundedFar) roundedFar += 1;
      acceptedCount += 1;
      // Those that ran, are small, and stand at even distances; about two of three mutants are refused.
      const due = cSample > 0 && forC.length < Math.ceil((acceptedCount / count) * 3 * cSample);
      if (due && forC.length < cSample && isQuick(outcome)) forC.push({ number, outcome });
    }
  }
  let equal = 0;
  let skipped: string | undefined;
  for (const { number, outcome } of forC) {
    if (workspace === undefined) break;
    options.onCase?.(number);
    const result = await runC(outcome.graph, outcome.artifact, workspace);
    if (result.kind === 'equal') equal += 1;
    else if (result.kind === 'skipped') skipped = result.reason;
    else {
      const mutant = list[number];
      const problem = { problem: 'C', detail: result.detail };
      if (mutant !== undefined) failures.push(await failureOf(mutant, number, problem, groups, options));
    }
  }
  return {
    seed: options.seed,
    count: only === undefined ? count : 1,
    refused,
    accepted,
    roundedFar,
    slowest,
    hungriest,
    memoryGrowthBytes: peakBytes() - base,
    compiledC: { equal, skipped },
    failures,
  };
}

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

type Accepted = Extract<Outcome, { kind: 'accepted' }>;

/** Every fourth mutant is compared where that takes longer, too. */
function judgeMutant(mutant: Mutant, number: number, groups: readonly SeedGroup[]): Promise<Verdict> {
  return judge(bytesOfMutant(mutant, groups), number % 4 === 0);
}

interface Problem {
  readonly problem: string;
  readonly detail: string;
}

function problemOf(outcome: Outcome, cpuMs: number, growthBytes: number): Problem | undefined {
  if (outcome.kind === 'failed') return outcome;
  if (cpuMs > limits.cpuMs) return { problem: `took ${Math.round(cpuMs)} ms of processor time`, detail: '' };
  if (growthBytes > limits.memoryBytes) return { problem: `took ${Math.round(growthBytes / 2 ** 20)} MiB`, detail: '' };
  return undefined;
}

/** Writes the mutant, with no more changes than it takes to fail. */
async function failureOf(
  mutant: Mutant,
  number: number,
  { problem, detail }: Problem,
  groups: readonly SeedGroup[],
  { seed, folder }: CampaignOptions,
): Promise<Failure> {
  const small = await shrunk(mutant, async (candidate) => {
    const { outcome } = await judgeMutant(candidate, number, groups);
    return outcome.kind === 'failed';
  });
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `seed-${seed}-case-${number}.tflite`);
  writeFileSync(file, bytesOfMutant(small, groups));
  const { modelChanges, byteChanges, followShapes } = small;
  const model = seedOf(mutant, groups).name;
  return { number, model, problem, detail, changes: { modelChanges, byteChanges, followShapes }, file };
}

/** Leaves out changes one by one as long as the rest still fails. */
async function shrunk(mutant: Mutant, fails: (candidate: Mutant) => Promise<boolean>): Promise<Mutant> {
  const candidates: readonly Mutant[] = [
    ...(mutant.followShapes ? [{ ...mutant, followShapes: false }] : []),
    ...mutant.modelChanges.map((_, at) => ({
      ...mutant,
      modelChanges: mutant.modelChanges.filter((__, i) => i !== at),
    })),
    ...mutant.byteChanges.map((_, at) => ({ ...mutant, byteChanges: mutant.byteChanges.filter((__, i) => i !== at) })),
  ];
  for (const candidate of candidates) if (await fails(candidate)) return shrunk(candidate, fails);
  return mutant;
}

const isQuick = ({ run, artifact }: Accepted): boolean =>
  run === 'equal' && artifact.report.constantBytes < 50_000 && artifact.report.arenaBytes < 2 ** 22;
