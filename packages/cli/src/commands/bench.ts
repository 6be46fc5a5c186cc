// `anymote bench`: what an inference costs on a target, and where it goes.
import type { Optimize } from '@anymote/compiler';
import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { optimizeOption } from '../optimize-option.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { parseIdeas, withoutOption } from '../without-option.ts';

interface BenchFlags {
  readonly target: string;
  readonly optimize: Optimize;
  readonly without?: string;
  readonly cflags?: string;
  readonly json?: true;
}

const examples = `
Examples:
  anymote bench model.tflite
  anymote bench model.tflite --target cortex-m0plus --optimize speed
  anymote bench model.tflite --target cortex-m4 --cflags=-O3 --json
  anymote bench model.tflite --without dsp-dot

Instructions are counted exactly and repeat to the last one; they are no times. Cycles are estimated for Cortex-M4
(timings of its manual) and Cortex-M0+ (rp2040js), with memory that never waits. On host and wasm, inferences are timed.
Layers are counted in a second program that stops after each; rest: what they leave of the whole, such as the run
function's end, and what the compiler does in another way around the stops.
code bytes: all flash but weights and biases, with the C library's and the compiler's own functions the model calls.

Exit codes: 0 measured; 1 the model, a missing compiler or emulator, or too small a board; 2 wrong usage.
`;

/** Adds the command to a program. */
export function addBenchCommand(program: Command, terminal: Terminal): void {
  program
    .command('bench')
    .summary('measure what an inference costs, layer by layer')
    .description(
      'Measure one inference on a target: executed instructions, estimated cycles, memory, and each layer with the loops chosen for it.',
    )
    .argument('<model>', 'model file (.tflite)')
    .option('-t, --target <name>', 'the target to measure on', 'cortex-m4')
    .option(...optimizeOption)
    .option(...withoutOption)
    .option('--cflags <flags>', 'optimisation flags of the C compiler, such as --cflags=-O3 (-O2 unless given)')
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
  const { graph } = await readModelFile(path);
  const progress = createProgress(terminal);
  const workspace = openWorkspace();
  try {
    const report = await benchModel(graph, workspace, {
      target,
      optimize: flags.optimize,
      without,
      ...(flags.cflags === undefined ? {} : { optimise: flags.cflags.split(/\s+/).filter((flag) => flag !== '') }),
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
