// `anymote run`: one inference in WebAssembly, in this process.
import { basename, dirname, join } from 'node:path';
import type { Data, LoadedModel, LoadedTensor } from '@anymote/compiler';
import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { parseIdeas, withoutOption } from '../without-option.ts';

interface RunFlags extends ModelFlags {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly out?: string;
  readonly labels?: string;
  readonly top: string;
  readonly without?: string;
  readonly real?: true;
  readonly json?: true;
}

const examples = `
Examples:
  anymote run model.tflite --input x.npy
  anymote run model.tflite --input x.npy --output y.npy --real
  anymote run model.tflite --input features=a.npy --input mask=b.npy --out results/
  anymote run model.tflite --input random --json

Arrays have the type of the input, or are real numbers (f4, f8), which are quantised for it.
`;

/** Adds the command to a program. */
export function addRunCommand(program: Command, terminal: Terminal): void {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  withModelOptions(program.command('run'))
    .summary('run a model here, in WebAssembly')
    .description('Run a model once in this process, compiled to WebAssembly, and print or write its outputs.')
    .argument('<model>', 'model file (.tflite, .onnx, .json, .ubj)')
    .option('-i, --input <file>', 'a .npy file for each input, in order or as NAME=FILE; or zero, or random', collect)
    .option('-o, --output <file>', 'write an output as .npy; once for each, in order', collect)
    .option('--out <folder>', 'write all outputs into a folder')
    .option('--labels <file>', 'names of the classes: one a line, or a JSON list')
    .option('--top <count>', 'how many classes to print', '5')
    .option(...withoutOption)
    .option('--real', 'outputs as real numbers instead of stored elements')
    .option('--json', 'print inputs and outputs as JSON')
    .addHelpText('after', examples)
    .action((model: string, flags: RunFlags) => runModel(terminal, model, flags));
}

async function runModel(terminal: Terminal, path: string, flags: RunFlags): Promise<void> {
  const { ideas, load } = await import('@anymote/compiler');
  const { readModelFile } = await import('../model-file.ts');
  const { describeNeeded, readInputs } = await import('../read-inputs.ts');
  const { readLabels } = await import('../labels.ts');

  const top = Number(flags.top);
  if (!Number.isInteger(top) || top < 1) throw new Failure(`--top ${flags.top}: expected a number of classes`, 2);
  const { graph } = await readModelFile(path, flags);
  const model = await load(graph, { without: parseIdeas(flags.without, ideas) });
  if (flags.input === undefined && model.inputs.length > 0) throw new Failure(describeNeeded(model.inputs));
  const inputs = await readInputs(model.inputs, flags.input ?? []);
  const labels = await readLabels(path, flags.labels);
  const outputs = model.run(...inputs.map(({ data }) => data));
  const files = await writeOutputs(model, outputs, flags);
  if (flags.json) {
    const { realNumbers } = await import('../stored-elements.ts');
    const described = ({ name, type }: LoadedTensor) => ({ name, ...type });
    terminal.write(
      `${JSON.stringify({
        model: path,
        inputs: model.inputs.map((input, i) => ({ ...described(input), source: inputs[i]?.source })),
        outputs: model.outputs.map((output, i) => ({
          ...described(output),
          values: jsonNumbers(flags.real ? realNumbers(output.type, outputs[i] ?? new Uint8Array(0)) : outputs[i]),
        })),
        files,
      })}\n`,
    );
    return;
  }
  for (const [i, output] of model.outputs.entries()) {
    const data = outputs[i];
    if (data !== undefined)
      terminal.write(`${(await describeOutput(terminal, output, data, { labels, top })).join('\n')}\n`);
  }
  if (files.length > 0) terminal.write(`written: ${files.join(', ')}\n`);
}

/** Numbers that JSON has; 64-bit integers beyond the exact ones and what is no number become text. */
function jsonNumbers(data: Data | undefined): readonly (number | string)[] {
  const values: ArrayLike<number | bigint> = data ?? [];
  return Array.from(values, (value) => {
    const number = Number(value);
    const exact = typeof value === 'bigint' ? Number.isSafeInteger(number) : Number.isFinite(number);
    return exact ? number : String(value);
  });
}

async function writeOutputs(model: LoadedModel, outputs: readonly Data[], flags: RunFlags): Promise<readonly string[]> {
  if (flags.output === undefined && flags.out === undefined) return [];
  const { npyOf } = await import('../stored-elements.ts');
  const { writeNpy } = await import('../npy.ts');
  const { writeFiles } = await import('../write-files.ts');
  const named = flags.output ?? [];
  if (named.length > model.outputs.length) {
    throw new Failure(`${named.length} files for ${model.outputs.length} outputs`, 2);
  }
  const paths = named.length > 0 ? named : model.outputs.map((_, i) => join(flags.out ?? '.', `output_${i}.npy`));
  for (const [i, path] of paths.entries()) {
    const output = model.outputs[i];
    const data = outputs[i];
    if (output === undefined || data === undefined) continue;
    const bytes = writeNpy(npyOf(output, data, flags.real === true));
    await writeFiles(dirname(path), new Map([[basename(path), bytes]]));
  }
  return paths;
}

/** An output for reading: the best classes of a vector, the first elements of anything else. */
async function describeOutput(
  { colours }: Terminal,
  output: LoadedTensor,
  data: Data,
  { labels, top }: { readonly labels: readonly string[] | undefined; readonly top: number },
): Promise<readonly string[]> {
  const { describeType } = await import('@anymote/compiler');
  const { formatReal, isVector, rankClasses } = await import('../predictions.ts');
  const { realNumbers } = await import('../stored-elements.ts');
  const title = `${colours.bold(output.name)}  ${colours.dim(describeType(output.type))}`;
  const quantised = output.type.dtype !== 'f32' && output.type.quantisation !== undefined;
  if (!isVector(output.type)) {
    const shown = 16;
    const numbers = Array.from(realNumbers(output.type, data).subarray(0, shown), formatReal);
    return [title, `  ${numbers.join('  ')}${data.length > shown ? `  … (${data.length} elements)` : ''}`];
  }
  const rows = rankClasses(output.type, data, labels)
    .slice(0, top)
    .map(({ index, label, value, stored }) => [
      `  ${index}`,
      ...(label === undefined ? [] : [label]),
      formatReal(value),
      ...(quantised ? [colours.dim(`(${stored})`)] : []),
    ]);
  const more = data.length > top ? [colours.dim(`  … ${data.length - top} more`)] : [];
  return [title, ...alignColumns(rows, labels?.length === data.length ? 'rlrr' : 'rrr'), ...more];
}
