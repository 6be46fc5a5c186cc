// `anymote advise`: on the device, on a gateway or in a data centre – decided by questions or a file of answers, with the reasons.
import { basename, dirname } from 'node:path';
import type { Advice, Answers } from '@anymote/advise';
import type { Command } from 'commander';
import { chipsOption } from '../advise/quantity-option.ts';
import { Failure } from '../failure.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import type { Terminal } from '../terminal.ts';

interface AdviseFlags extends ModelFlags {
  readonly answers?: string;
  readonly prices?: string;
  readonly listPrices?: true;
  readonly chips?: string;
  readonly out?: string;
  readonly json?: true;
}

const examples = `
Examples:
  anymote advise model.tflite                                     asks
  anymote advise model.tflite --answers project.yaml
  anymote advise model.tflite --answers project.yaml --out advice.html
  anymote advise model.tflite --answers project.yaml --json
  anymote advise --list-prices > prices.yaml                      to edit, and give to --prices

project.yaml:
  devices: 20
  months: 60
  rate: 1/s                 # inferences of one device
  latency: 500ms            # within which an answer is of use
  network: satellite        # none, satellite, lpwan, mobile, wifi, wired
  battery: 19Ah@3.6V        # without one: mains
  life: 2y
  dataMustStay: false       # also: sites, inTime, availability, sensitive, collectData, reported, learning, anySize, budget, chipPrice

docs/advice.md explains every answer and works four cases.
`;

/** Adds the command to a program. */
export function addAdviseCommand(program: Command, terminal: Terminal): void {
  withModelOptions(program.command('advise'))
    .summary('decide between device, gateway and data centre')
    .description('Compare three places to run a model – latency, availability, data, cost, energy – and recommend one.')
    .argument('[model]', 'model file (.tflite, .onnx, .json, .ubj)')
    .option('--answers <file>', 'the answers, as YAML or JSON; without it they are asked')
    .option('--prices <file>', 'prices that differ from the list, as YAML or JSON')
    .option('--list-prices', 'print the list of prices')
    .option(...chipsOption)
    .option('-o, --out <file>', 'write a page with plots')
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action((model: string | undefined, flags: AdviseFlags) => runAdvise(terminal, model, flags));
}

async function runAdvise(terminal: Terminal, path: string | undefined, flags: AdviseFlags): Promise<void> {
  const advise = await import('@anymote/advise');
  if (flags.listPrices) {
    const { stringify } = await import('yaml');
    terminal.write(flags.json ? `${JSON.stringify(advise.prices, null, 2)}\n` : stringify(advise.prices));
    return;
  }
  if (path === undefined) throw new Failure('missing the model to advise on', 2);
  const { asFailure } = await import('../advise/as-failure.ts');
  const { chipsWith, parseFile } = await import('../advise/own-chips.ts');
  const { modelNeeds } = await import('../advise/needs-cache.ts');
  const { prices: file } = flags;
  const given = file === undefined ? undefined : await parseFile(file);
  const prices = file === undefined ? advise.prices : asFailure(() => advise.readPrices(given, file), 1);
  const chips = await chipsWith(flags.chips);
  const answers = await answersOf(terminal, flags);
  const needs = await modelNeeds(terminal, path, flags);
  const advice = advise.adviceFor(answers, needs, { chips, prices });
  if (flags.out !== undefined) {
    const { advicePage } = await import('../advise/advice-page.ts');
    const { writeFiles } = await import('../write-files.ts');
    const { rate, battery } = answers;
    const all = advise.fit(needs, { ratePerSecond: rate, ...(battery === undefined ? {} : { battery }) }, { chips });
    const page = advicePage({ model: basename(path), advice, chips: all });
    await writeFiles(dirname(flags.out), new Map([[basename(flags.out), page]]));
  }
  if (flags.json) {
    terminal.write(`${JSON.stringify({ model: path, ...asData(advice) }, null, 2)}\n`);
    return;
  }
  const { adviceText } = await import('../advise/advice-text.ts');
  terminal.write(adviceText(advice, terminal));
  if (flags.out !== undefined) terminal.write(`${flags.out}: the same with plots\n`);
}

/** Chips by their ids. */
const asData = ({ ways, ...advice }: Advice) => ({
  ...advice,
  ways: ways.map(({ fitting, ...way }) => ({
    ...way,
    ...(fitting === undefined
      ? {}
      : { chip: fitting.chip.id, compileOptions: fitting.build.options, estimate: fitting.estimate }),
  })),
});

async function answersOf(terminal: Terminal, { answers: file }: AdviseFlags): Promise<Answers> {
  if (file === undefined) {
    if (!terminal.interactive || !process.stdin.isTTY)
      throw new Failure(
        'nobody is here to be asked: give the answers in a file, --answers project.yaml (--help shows one)',
        2,
      );
    const { askAnswers } = await import('../advise/ask.ts');
    return askAnswers();
  }
  const { readAnswers } = await import('@anymote/advise');
  const { asFailure } = await import('../advise/as-failure.ts');
  const { parseFile } = await import('../advise/own-chips.ts');
  const parsed = await parseFile(file);
  return asFailure(() => readAnswers(parsed, file), 1);
}
