// `anymote bench`: what an inference costs on a target, and where it goes.
import type { Optimize } from '@anymote/compiler';
import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { flashOption, type MemoryFlags, memoryOf, memoryOption, ramOption } from '../memory-options.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import { optimizeOption } from '../optimize-option.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { parseIdeas, withoutOption } from '../without-option.ts';

interface BenchFlags extends MemoryFlags, ModelFlags {
  readonly target: string;
  readonly optimize: Optimize;
  readonly without?: string;
  readonly cflags?: string;
  readonly sweep?: true;
  readonly out?: string;
  readonly peers?: string;
  readonly name?: string;
  readonly json?: true;
}

const examples = `
Examples:
  anymote bench model.tflite
  anymote bench model.tflite --target cortex-m0plus --optimize speed
  anymote bench model.tflite --target cortex-m4 --cflags=-O3 --json
  anymote bench model.tflite --without dsp-dot
  anymote bench model.tflite --ram 24K                     layers by rows, until they fit
  anymote bench model.tflite --sweep -o pareto.svg         what less memory costs, goal by goal

Instructions are counted exactly and repeat to the last one; they are no times. Cycles are estimated for Cortex-M4
(timings of its manual) and Cortex-M0+ (rp2040js), with memory that never waits. On host and wasm, inferences are timed.
Layers are counted in a second program that stops after each; rest: what they leave of the whole, such as the run
function's end, and what the compiler does in another way around the stops.
With --sweep, each goal is built for all the memory it takes, for the least that it can do with, and for amounts between; front
marks what no other build beats in RAM, instructions and flash at once. --peers: docs/peers.json of the repository shows the form.
code bytes: all flash but weights and biases, with the C library's and the compiler's own functions the model calls.

Exit codes: 0 measured; 1 the model, a missing compiler or emulator, or too small a board; 2 wrong usage.
`;

/** Adds the command to a program. */
export function addBenchCommand(program: Command, terminal: Terminal): void {
  withModelOptions(program.command('bench'))
    .summary('measure what an inference costs, layer by layer')
    .description(
      'Measure one inference on a target: executed instructions, estimated cycles, memory, and each layer with the loops chosen for it.',
    )
    .argument('<model>', 'model file (.tflite, .onnx, .json, .ubj)')
    .option('-t, --target <name>', 'the target to measure on', 'cortex-m4')
    .option(...optimizeOption)
    .option(...withoutOption)
    .option(...ramOption)
    .option(...flashOption)
    .option(...memoryOption)
    .option('--cflags <flags>', 'optimisation flags of the C compiler, such as --cflags=-O3 (-O2 unless given)')
    .option('--sweep', 'measure goals and amounts of memory: RAM against instructions against flash')
    .option('-o, --out <file>', 'with --sweep: where to draw it (SVG)')
    .option('--peers <file>', "with --sweep: other engines' figures, as JSON")
    .option('--name <name>', 'with --sweep: what the model is called in the figure (its file name unless given)')
    .option('--json', 'report as JSON')
    .addHelpText('after', examples)
    .action((model: string, flags: BenchFlags) => bench(terminal, model, flags));
}

async function bench(terminal: Terminal, path: string, flags: BenchFlags): Promise<void> {
  const { parseTargets } = await import('../target-list.ts');
  const { aboutFile, readModelFile } = await import('../model-file.ts');
  const { benchModel, openWorkspace, RunError } = await import('@anymote/verify');
  const { benchText } = await import('../bench-text.ts');

  const [target, another] = parseTargets(flags.target);
  if (target === undefined || another !== undefined) throw new Failure('--target: one target to measure on', 2);
  const without = parseIdeas(flags.without, (await import('@anymote/compiler')).ideas);
  const { graph } = await readModelFile(path, flags);
  const optimise = flags.cflags?.split(/\s+/).filter((flag) => flag !== '');
  const progress = createProgress(terminal);
  const workspace = openWorkspace();
  const common = { target, without, ...(optimise === undefined ? {} : { optimise }) };
  try {
    if (flags.sweep) {
      const { sweepCommand } = await import('../sweep/sweep-command.ts');
      await sweepCommand({ terminal, progress, workspace, graph, path, flags, options: common });
      return;
    }
    const report = await benchModel(graph, workspace, {
      ...common,
      optimize: flags.optimize,
      memory: memoryOf(flags),
      onProgress: (step) => progress.show(`${path} on ${target.name}: ${step} …`),
    });
    progress.clear();
    terminal.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : benchText(path, report, terminal));
  } catch (error) {
    progress.clear();
    if (error instanceof RunError) throw new Failure(`${path} on ${target.name}: ${error.message}`);
    // Issues of compilation say what they are about, and get the file's name.
    aboutFile(path, () => {
      throw error;
    });
  } finally {
    workspace.close();
  }
}
