// The cost of an inference on an emulated board, counted: of all of it in the program as it is shipped, of its layers in one
// that stops for a moment after each. What must agree is compared on the way.
import type { CTarget } from '@anymote/compiler';
import { type Board, boards } from '../boards.ts';
import { cProgram, createCExecutor } from '../executor.ts';
import { modelFlags } from '../glue.ts';
import { createQemuRunner } from '../qemu-runner.ts';
import { createRp2040Runner } from '../rp2040-runner.ts';
import { RunError } from '../run-error.ts';
import { type Inference, isSkipped, type RunOptions, type RunResult } from '../runner.ts';
import { type BenchJob, choiceOf, commonOf, layerOf, perMac, withoutWarnings } from './bench-job.ts';
import type { BenchLayer, BenchReport, InstructionMix } from './bench-report.ts';
import { cortexM4Cycles } from './cortex-m4-cycles.ts';
import { instructionsOf } from './flow.ts';
import { buildFlowPlugin, createFlowRecorder, type FlowPlugin, type FlowRecorder } from './flow-plugin.ts';
import { mixOf } from './instruction-mix.ts';
import { byLayer, codeOf, markedIntervals, markFunction, returnFunction, runInterval } from './layer-flow.ts';

/** Large models on an emulator take minutes. */
const benchTimeoutMs = 1_800_000;

const cycleModels: Readonly<Record<string, string>> = {
  'cortex-m4': 'instruction timings of the Cortex-M4 manual, memory without wait states',
  'cortex-m0plus': 'rp2040js, memory without wait states',
};

/** What the recorded flow adds to counts. */
interface FlowCosts {
  readonly cycles?: number;
  readonly mix?: InstructionMix;
  readonly layerCycles?: readonly number[];
  readonly layerMixes?: readonly InstructionMix[];
}

/** Measures on the board of a target. @throws {RunError} */
export async function benchBoard(job: BenchJob, target: CTarget): Promise<BenchReport> {
  const { graph, workspace, options, inference, progress } = job;
  const board = Object.values<Board>(boards).find(({ name }) => name === target.name);
  if (board === undefined) throw new Error(`internal error: no board runs target ${target.name}`);
  progress('compiling');
  const plugin = await buildFlowPlugin(workspace, board);
  // The run function is known by the prefix, which only the compiled model tells.
  let recorder: FlowRecorder | undefined;
  const runner =
    board.qemu === undefined
      ? createRp2040Runner(workspace)
      : createQemuRunner(board, workspace, { extra: async (path) => (await recorder?.extra(path)) ?? [] });
  const executor = createCExecutor(graph, target, runner, choiceOf(options));
  const { artifact } = executor;
  if (artifact.kind !== 'c') throw new Error('internal error: boards take C');
  const program = cProgram(artifact);
  const run = `${artifact.prefix}_run`;
  if (plugin.ok && board.architecture === 'arm')
    recorder = createFlowRecorder(plugin.library, [run, returnFunction, markFunction]);
  const available = await executor.available();
  if (!available.ok) {
    throw new RunError({ code: 'missing-tool', tool: available.missing, install: available.install });
  }
  const runOptions: RunOptions = {
    timeoutMs: options.timeoutMs ?? benchTimeoutMs,
    ...(options.optimise === undefined ? {} : { optimise: options.optimise }),
  };
  const measured = async (how: RunOptions): Promise<RunResult> => {
    const result = await executor.run([inference], { ...runOptions, ...how });
    if (isSkipped(result)) throw new RunError(result.skipped);
    return result;
  };

  progress('running');
  const shipped = await measured({});
  const whole = recorder === undefined ? {} : await wholeFlow(recorder, board, run, first(shipped.instructions));
  /** Instructions by layer, from a program with marks. */
  const profile = async (): Promise<{ readonly counts: readonly number[]; readonly costs: FlowCosts }> => {
    progress('running layer by layer');
    const result = await measured({ profile: true });
    const { layerInstructions: counts, layerCycles } = first(result.profiles);
    if (!sameBytes(shipped.outputs, result.outputs))
      throw new Error('internal error: a program with marks computes something else');
    const outputs = program.layerOutputs ?? [];
    if (recorder === undefined) return { counts, costs: ownCycles(shipped, layerCycles) };
    return { counts, costs: await layerFlow(recorder, board, run, { outputs, instructions: counts }) };
  };
  const profiled = options.byLayer === false ? undefined : await profile();
  const costs: FlowCosts = { ...whole, ...(profiled?.costs ?? ownCycles(shipped, undefined)) };

  const { report } = artifact;
  const instructions = first(shipped.instructions);
  const cycleModel = cycleModels[target.name];
  const rest = profiled && instructions - profiled.counts.reduce((total, one) => total + one, 0);
  const layers = report.layers.map((layer, i): BenchLayer => {
    if (profiled === undefined) return layerOf(layer);
    const own = profiled.counts[i] ?? 0;
    const [cycles, mix] = [costs.layerCycles?.[i], costs.layerMixes?.[i]];
    return {
      ...layerOf(layer),
      instructions: own,
      ...perMac(own, layer.macs),
      ...(cycles === undefined ? {} : { estimatedCycles: cycles }),
      ...(mix === undefined ? {} : { mix }),
    };
  });
  const { sizes, stackBytes, initInstructions } = shipped;
  return {
    ...commonOf(job, target, report),
    tools: board.qemu === undefined ? `${available.version}, rp2040js` : available.version,
    compilerOptions: [...board.coreFlags, ...withoutWarnings(modelFlags(program, runOptions))],
    instructions,
    ...perMac(instructions, report.macs),
    ...(rest === undefined ? {} : { restInstructions: rest }),
    ...(initInstructions === undefined ? {} : { initInstructions }),
    ...(costs.cycles === undefined || cycleModel === undefined ? {} : { estimatedCycles: costs.cycles, cycleModel }),
    ...(stackBytes === undefined ? {} : { stackBytes }),
    ...(sizes === undefined ? {} : { codeBytes: sizes.flashBytes - report.weightBytes }),
    ...(costs.mix === undefined ? {} : { mix: costs.mix }),
    layers,
    notes: notesOf(cycleModel, { ...costs, instructions, rest: rest ?? 0 }, plugin),
  };
}

/** Why cycles are absent, and where the counts of layers are those of another code than the whole's. */
function notesOf(
  cycleModel: string | undefined,
  costs: FlowCosts & { readonly instructions: number; readonly rest: number },
  plugin: FlowPlugin,
): readonly string[] {
  const { cycles, instructions, rest } = costs;
  const share = ((100 * Math.abs(rest)) / instructions).toFixed(1);
  const other = `layers are counted in a program that stops after each; there the compiler made ${share} % ${rest < 0 ? 'more' : 'fewer'} instructions`;
  return [
    ...(cycles !== undefined || cycleModel !== undefined ? [] : ['there is no model of the cycles of this core']),
    ...(cycles !== undefined || cycleModel === undefined || plugin.ok
      ? []
      : [`cycles are not estimated: ${plugin.reason}`]),
    ...(Math.abs(rest) > instructions / 100 ? [other] : []),
  ];
}

/** rp2040js counts cycles itself. */
const ownCycles = ({ cycles }: RunResult, layerCycles: readonly number[] | undefined): FlowCosts => ({
  ...(cycles?.[0] === undefined ? {} : { cycles: cycles[0] }),
  ...(layerCycles === undefined ? {} : { layerCycles }),
});

/** Of the program as it is shipped. */
async function wholeFlow(recorder: FlowRecorder, board: Board, run: string, instructions: number): Promise<FlowCosts> {
  const flow = await recorder.read();
  const interval = runInterval(flow, run);
  mustAgree(run, instructionsOf(interval), instructions);
  const read = codeOf(flow.elf);
  return {
    mix: mixOf([interval], read),
    ...(board.name === 'cortex-m4' ? { cycles: cortexM4Cycles(interval, read) } : {}),
  };
}

/** Of a profiled program, layer by layer. The instruction that calls the mark is a layer's last, and not its own. */
async function layerFlow(
  recorder: FlowRecorder,
  board: Board,
  run: string,
  { outputs, instructions }: { readonly outputs: readonly number[]; readonly instructions: readonly number[] },
): Promise<FlowCosts> {
  const flow = await recorder.read();
  const intervals = markedIntervals(flow, run);
  const read = codeOf(flow.elf);
  const counted = byLayer(
    intervals.map((interval) => instructionsOf(interval) - 1),
    outputs,
  );
  for (const [layer, count] of counted.entries()) mustAgree(`layer ${layer}`, count, instructions[layer] ?? 0);
  let at = 0;
  const layerMixes = outputs.map((count) => {
    at += count;
    const mix = mixOf(intervals.slice(at - count, at), read);
    return { ...mix, branches: mix.branches - count };
  });
  if (board.name !== 'cortex-m4') return { layerMixes };
  const cycles = intervals.map((interval) => cortexM4Cycles(interval, read) - 1);
  return { layerMixes, layerCycles: byLayer(cycles, outputs) };
}

/** Two ways to count, one truth. */
function mustAgree(what: string, recorded: number, counted: number): void {
  if (recorded !== counted)
    throw new Error(`internal error: ${what} took ${counted} instructions, recorded are ${recorded}`);
}

function first<T>(values: readonly T[] | undefined): T {
  const [value] = values ?? [];
  if (value === undefined) throw new Error('internal error: nothing was measured');
  return value;
}

const sameBytes = (a: readonly Inference[], b: readonly Inference[]): boolean =>
  a.every((outputs, i) => outputs.every((bytes, j) => Buffer.compare(bytes, b[i]?.[j] ?? new Uint8Array()) === 0));
