// The models of a golden file on every target: outputs of all recorded inputs and checksums of all recorded layers.
// The file's numbers are those of TensorFlow Lite Micro's reference kernels.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { bytesOf, checkIdeas, type Graph, readModel, resolveTarget, type Target } from '@anymote/compiler';
import { constantDifference, expectedCrc } from './compiled-layers.ts';
import { crc32 } from './crc32.ts';
import { type CompileChoice, createExecutors, type Executor } from './executor.ts';
import { inParallel } from './in-parallel.ts';
import { type Reference, referenceOf } from './reference.ts';
import { lcgSamples, type Sample, zeroSample } from './sample-inputs.ts';
import type { Outcome, TargetReport } from './verify-report.ts';
import { costsOf, factsOf, layerDifference, outcomeOf, runOrThrow } from './verify-target.ts';
import { openWorkspace } from './workspace.ts';

/** A model of the golden file, as far as it is read here. Checksums are CRC-32 in hexadecimal. */
export interface GoldenModel {
  /** Path below the folder of models. */
  readonly file: string;
  readonly ops: Readonly<Record<string, number>>;
  readonly expected: Readonly<Record<'zero' | 'lcg', { readonly crc32: string }>>;
  /** Inferences on a stream of pseudo-random inputs; the checksum is over all outputs in order. */
  readonly expected_stream16: { readonly n: number; readonly crc32: string; readonly first16_hex: readonly string[] };
  /** In the order of the file's operators. */
  readonly layers: readonly { readonly op: string; readonly lcg_output: readonly { readonly crc32: string }[] }[];
}

export interface GoldenFile {
  readonly models: Readonly<Record<string, GoldenModel>>;
}

/** A model's results; `cells` in the order of the targets, the definition itself first. */
export interface GoldenRow {
  readonly model: string;
  readonly cells: readonly TargetReport[];
}

export interface GoldenOptions extends CompileChoice {
  /** Only these models; all that keep no state unless given. */
  readonly models?: readonly string[];
  readonly parallel?: number;
  readonly onProgress?: (progress: {
    readonly model: string;
    readonly report: TargetReport;
    readonly done: number;
    readonly total: number;
  }) => void;
}

/** The column of the definitions, which runs nothing compiled. */
export const definitionColumn = 'evaluate';

const statefulOps = ['VAR_HANDLE', 'READ_VARIABLE', 'ASSIGN_VARIABLE', 'CALL_ONCE', 'UNIDIRECTIONAL_SEQUENCE_LSTM'];

/** Names of the models that keep nothing between inferences, in the order of the file. */
export const statelessModels = (golden: GoldenFile): readonly string[] =>
  Object.entries(golden.models).flatMap(([name, { ops }]) => (statefulOps.some((op) => op in ops) ? [] : [name]));

interface LoadedGolden {
  readonly name: string;
  readonly golden: GoldenModel;
  readonly graph: Graph;
  readonly samples: readonly Sample[];
  /** What the layers must give on `lcg`. */
  readonly reference: Reference;
}

/** Checks every model on the definition and on every target. `sharedFolder` holds `models/`. */
export async function verifyGolden(
  golden: GoldenFile,
  sharedFolder: string,
  targets: readonly (string | Target)[],
  { models = statelessModels(golden), parallel = availableParallelism(), onProgress, ...choice }: GoldenOptions = {},
): Promise<readonly GoldenRow[]> {
  const columns = targets.map(resolveTarget);
  checkIdeas(choice.without ?? []);
  const workspace = openWorkspace();
  const total = models.length * (columns.length + 1);
  let done = 0;
  const finish = (model: string, report: TargetReport): TargetReport => {
    done += 1;
    onProgress?.({ model, report, done, total });
    return report;
  };
  try {
    const create = createExecutors(workspace, choice);
    const loaded: { readonly model: LoadedGolden | Outcome; readonly definition: TargetReport }[] = [];
    for (const name of models) {
      const model = await loadGolden(golden, name, sharedFolder).catch(outcomeOf);
      const outcome = 'graph' in model ? checkDefinition(model) : model;
      loaded.push({ model, definition: finish(name, { target: definitionColumn, outcome }) });
    }
    const jobs = models.flatMap((_, row) => columns.map((target) => ({ row, target })));
    const reports = await inParallel(jobs, parallel, async ({ row, target }) => {
      const model = loaded[row]?.model;
      if (model === undefined) throw new Error(`internal error: no row ${row}`);
      const report =
        'graph' in model
          ? await checkTarget(model, target, () => create(model.graph, target))
          : { target: target.name, outcome: model };
      return finish(models[row] ?? '', report);
    });
    return models.map((model, row) => {
      const definition = loaded[row]?.definition;
      const cells = reports.filter((_, i) => jobs[i]?.row === row);
      return { model, cells: definition === undefined ? cells : [definition, ...cells] };
    });
  } finally {
    workspace.close();
  }
}

async function loadGolden(file: GoldenFile, name: string, sharedFolder: string): Promise<LoadedGolden> {
  const golden = file.models[name];
  if (golden === undefined)
    throw new Error(`the golden file has no model ${name}, only ${Object.keys(file.models).join(', ')}`);
  const graph = readModel(await readFile(join(sharedFolder, 'models', golden.file)), { file: golden.file });
  const stream = lcgSamples(graph, golden.expected_stream16.n);
  const [lcg] = stream;
  if (lcg === undefined) throw new Error(`the stream of ${name} is empty`);
  return { name, golden, graph, samples: [zeroSample(graph), ...stream], reference: referenceOf(graph, lcg) };
}

const hex = (crc: number): string => crc.toString(16).padStart(8, '0');

/** The golden layer of a node, by the operator's position in the file. */
function goldenLayers({ golden, graph }: LoadedGolden): readonly { readonly layer: number; readonly crc: string }[] {
  return golden.layers.map(({ op, lcg_output: [output] }, position) => {
    const layer = graph.nodes.findIndex(({ from }) => Number.parseInt(from.node ?? '', 10) === position);
    if (layer === -1 || output === undefined) throw new Error(`no layer comes from operator ${position} (${op})`);
    return { layer, crc: output.crc32 };
  });
}

function checkDefinition(model: LoadedGolden): Outcome {
  const { golden, graph, reference } = model;
  const wrong = goldenLayers(model).find(({ layer, crc }) => hex(reference.layerCrcs[layer] ?? 0) !== crc);
  if (wrong !== undefined) {
    const { op, from } = graph.nodes[wrong.layer] ?? { op: '', from: {} };
    return { status: 'failed', message: `layer ${wrong.layer} ${op}, node ${from.node}: other bytes than recorded` };
  }
  const output = hex(crc32(Buffer.concat(reference.outputs.map(bytesOf))));
  return output === golden.expected.lcg.crc32
    ? { status: 'ok' }
    : { status: 'failed', message: 'lcg: other outputs than recorded' };
}

async function checkTarget(model: LoadedGolden, target: Target, create: () => Executor): Promise<TargetReport> {
  let known: Partial<TargetReport> = {};
  try {
    const executor = create();
    known = factsOf(executor);
    const available = await executor.available();
    if (!available.ok) {
      const { missing, install } = available;
      return {
        target: target.name,
        ...known,
        outcome: { status: 'skipped', reason: `${missing} is not installed`, install },
      };
    }
    const shipped = await runOrThrow(executor, model.samples, { timeoutMs });
    // Costs are those of `lcg`, which comes after `zero`.
    const { instructions, ...costs } = costsOf(shipped);
    known = { ...known, ...costs, ...(instructions === undefined ? {} : { instructions: instructions.slice(1, 2) }) };
    const layers = await checkLayers(model, executor);
    const outputs = checkOutputs(model, shipped.outputs);
    const outcome: Outcome =
      layers ?? (outputs === undefined ? { status: 'ok' } : { status: 'failed', message: outputs });
    return { target: target.name, ...known, outcome };
  } catch (error) {
    return { target: target.name, ...known, outcome: outcomeOf(error) };
  }
}

/** Large models on an emulator take minutes for the whole stream. */
const timeoutMs = 1_800_000;

/**
 * Every recorded layer that the target has. A layer with all its channels has the recorded checksum; of one with fewer,
 * the kept channels are those of the definition's tensor, whose checksum is the recorded one, and so are the constants.
 */
async function checkLayers(model: LoadedGolden, executor: Executor): Promise<Outcome | undefined> {
  const { graph: own, reference } = model;
  const { graph } = executor.artifact;
  const compiled = { model: own, graph };
  const constant = constantDifference(compiled, reference);
  if (constant !== undefined) return { status: 'different', difference: constant };
  const { layerCrcs: [crcs = []] = [] } = await runOrThrow(executor, [reference.sample], { trace: true, timeoutMs });
  for (const { layer, crc } of goldenLayers(model)) {
    const ids = own.nodes[layer]?.outputs ?? [];
    const at = graph.nodes.findIndex(({ outputs }) => outputs.some((id) => ids.includes(id)));
    if (at === -1) continue;
    const isWhole = graph.nodes[at]?.outputs.every((id) => graph.values[id]?.original === undefined);
    const asExpected = crcs[at] === expectedCrc(compiled, reference, at);
    const asRecorded = isWhole
      ? hex(crcs[at] ?? 0) === crc
      : asExpected && hex(reference.layerCrcs[layer] ?? 0) === crc;
    if (asRecorded) continue;
    const difference = await layerDifference(compiled, executor, reference, at, { timeoutMs });
    if (difference !== undefined) return { status: 'different', difference };
    return { status: 'failed', message: `layer ${layer} ${own.nodes[layer]?.op}: other bytes than recorded` };
  }
  return undefined;
}

/** What is wrong with the outputs of zero and the stream, which starts with lcg. */
function checkOutputs({ golden }: LoadedGolden, outputs: readonly (readonly Uint8Array[])[]): string | undefined {
  const [zero = [], ...stream] = outputs.map((one) => Buffer.concat(one));
  const [lcg = Buffer.alloc(0)] = stream;
  if (hex(crc32(Buffer.from(zero))) !== golden.expected.zero.crc32) return 'zero: other outputs than recorded';
  if (hex(crc32(lcg)) !== golden.expected.lcg.crc32) return 'lcg: other outputs than recorded';
  if (hex(crc32(Buffer.concat(stream))) === golden.expected_stream16.crc32) return undefined;
  const step = stream.findIndex(
    (bytes, i) => !bytes.toString('hex').startsWith(golden.expected_stream16.first16_hex[i] ?? ''),
  );
  return `stream: other outputs than recorded${step === -1 ? '' : `, first in inference ${step}`}`;
}
