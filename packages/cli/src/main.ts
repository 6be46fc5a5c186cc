// The command line: argv in, exit code out. 0: done; 1: a problem with a model, an input or a result; 2: wrong usage.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAdviseCommand } from './commands/advise.ts';
import { addBenchCommand } from './commands/bench.ts';
import { addChipsCommand } from './commands/chips.ts';
import { addCompileCommand } from './commands/compile.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addEstimateCommand } from './commands/estimate.ts';
import { addFitCommand } from './commands/fit.ts';
import { addInspectCommand } from './commands/inspect.ts';
import { addReportCommand } from './commands/report.ts';
import { addRunCommand } from './commands/run.ts';
import { addTargetsCommand } from './commands/targets.ts';
import { addTrainCommand } from './commands/train.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { Failure } from './failure.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const commands = [
  addCompileCommand,
  addRunCommand,
  addVerifyCommand,
  addBenchCommand,
  addInspectCommand,
  addReportCommand,
  addFitCommand,
  addAdviseCommand,
  addEstimateCommand,
  addChipsCommand,
  addTrainCommand,
  addTargetsCommand,
  addDemoCommand,
];

const examples = `
Examples:
  anymote demo
  anymote compile model.tflite --target cortex-m4 --out build/
  anymote run model.tflite --input x.npy
  anymote verify model.tflite --target cortex-m0plus,cortex-m4,wasm
  anymote bench model.tflite --target cortex-m4
  anymote report model.tflite --target cortex-m4 --out report.html
  anymote fit model.tflite --latency 20ms --max-price 5 --needs ble
  anymote advise model.tflite --answers project.yaml --out advice.html
  anymote estimate model.tflite --chip stm32u585
  anymote train forest sensors.csv --target state --out model.json

Exit codes: 0 done, 1 a problem with a model, an input or a result, 2 wrong usage.
`;

/** Version of this package. */
function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '';
}

/** Runs one command, given without the program's name; resolves to the exit code. */
export async function run(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const program = new Command('anymote')
    .description('Model once, run on any mote: trained models become C99 and WebAssembly, bit-exact.')
    .version(version(), '-V, --version')
    .option('--debug', 'show where an unexpected error happened')
    .exitOverride()
    .configureOutput({ writeOut: terminal.write, writeErr: terminal.writeError })
    .addHelpText('after', examples);
  for (const add of commands) add(program, terminal);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, terminal, program.opts().debug === true);
  }
}

/** Prints what went wrong, unless that was done already, and gives the exit code. */
async function report(error: unknown, { writeError, errorColours }: Terminal, debug: boolean): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const complain = (message: string): void => writeError(`${errorColours.red('error')}: ${message}\n`);
  if (error instanceof Failure) {
    for (const complaint of error.complaints) complain(complaint);
    return error.exitCode;
  }
  const { CompileError } = await import('@anymote/compiler');
  if (error instanceof CompileError) {
    for (const line of error.message.split('\n')) complain(line);
    return 1;
  }
  complain(error instanceof Error ? error.message : String(error));
  if (debug && error instanceof Error) writeError(`${error.stack}\n`);
  else writeError('this is a mistake in anymote; --debug shows where\n');
  return 1;
}
