// `anymote fit`: which chips carry a model under demands, ranked; what rules the others out, and what would let the nearest in.
import type { Battery, FitResult, Fitting, ModelNeeds, Radio, Rejected } from '@anymote/advise';
import type { Command } from 'commander';
import { priceText } from '../advise/price-text.ts';
import { battery, chipsOption, quantity } from '../advise/quantity-option.ts';
import { Failure } from '../failure.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface FitFlags extends ModelFlags {
  readonly latency?: number;
  readonly rate?: number;
  readonly battery?: Battery;
  readonly life?: number;
  readonly maxPrice?: number;
  readonly needs?: readonly Radio[];
  readonly reserveRam?: number;
  readonly reserveFlash?: number;
  readonly stack?: number;
  readonly boards?: true;
  readonly chips?: string;
  readonly all?: true;
  readonly json?: true;
}

const examples = `
Examples:
  anymote fit model.tflite
  anymote fit model.tflite --latency 20ms --rate 10/s --max-price 5 --needs ble
  anymote fit model.tflite --rate 1/min --battery 230mAh@3V --life 1y
  anymote fit model.tflite --boards
  anymote fit model.tflite --chips mine.yaml --json

RAM counts the tensors, a stack of 2K and 8K for the rest of the program, flash 32K for the rest (--stack, --reserve-ram, --reserve-flash).
The first time a model is compiled for every kind of core; that is kept, and later answers come at once.
`;

/** Adds the command to a program. */
export function addFitCommand(program: Command, terminal: Terminal): void {
  withModelOptions(program.command('fit'))
    .summary('find the chips that carry a model')
    .description('Hold every chip against demands: memory, latency, rate, battery life, price, radio.')
    .argument('<model>', 'model file (.tflite, .onnx, .json, .ubj)')
    .option('--latency <time>', 'the longest an inference may take, such as 20ms', quantity('--latency', 'latency'))
    .option('--rate <rate>', 'inferences, such as 10/s or 4/min', quantity('--rate', 'rate'))
    .option('--battery <battery>', 'such as 230mAh@3V', battery)
    .option('--life <time>', 'the shortest the battery may last, such as 1y', quantity('--life', 'duration'))
    .option('--max-price <money>', 'the most a chip may cost, in US dollars', quantity('--max-price', 'money'))
    .option('--needs <radios>', 'radios, separated by commas: ble, bluetooth, wifi, 802.15.4, sub-ghz', radiosOf)
    .option('--reserve-ram <size>', 'RAM for the rest of the program', quantity('--reserve-ram', 'memory'))
    .option('--reserve-flash <size>', 'flash for the rest of the program', quantity('--reserve-flash', 'memory'))
    .option('--stack <size>', 'RAM for the stack', quantity('--stack', 'memory'))
    .option('--boards', 'boards instead of chips')
    .option(...chipsOption)
    .option('--all', 'all that are ruled out, not only the nearest')
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action((model: string, flags: FitFlags) => runFit(terminal, model, flags));
}

const knownRadios = ['ble', 'bluetooth', 'wifi', '802.15.4', 'sub-ghz'] as const satisfies readonly Radio[];

function radiosOf(text: string): readonly Radio[] {
  return text.split(',').map((part) => {
    const radio = knownRadios.find((name) => name === part.trim().toLowerCase());
    if (radio === undefined)
      throw new Failure(`--needs: unknown radio '${part}' (radios: ${knownRadios.join(', ')})`, 2);
    return radio;
  });
}

/** What the flags demand. */
const demandsOf = (flags: FitFlags) => ({
  ...(flags.latency === undefined ? {} : { latencyMs: flags.latency }),
  ...(flags.rate === undefined ? {} : { ratePerSecond: flags.rate }),
  ...(flags.battery === undefined ? {} : { battery: flags.battery }),
  ...(flags.life === undefined ? {} : { lifeHours: flags.life }),
  ...(flags.maxPrice === undefined ? {} : { maxPriceUsd: flags.maxPrice }),
  ...(flags.needs === undefined ? {} : { radios: flags.needs }),
  ...(flags.reserveRam === undefined ? {} : { reserveRamBytes: flags.reserveRam }),
  ...(flags.reserveFlash === undefined ? {} : { reserveFlashBytes: flags.reserveFlash }),
  ...(flags.stack === undefined ? {} : { stackBytes: flags.stack }),
});

async function runFit(terminal: Terminal, path: string, flags: FitFlags): Promise<void> {
  const advise = await import('@anymote/advise');
  const { chipsWith } = await import('../advise/own-chips.ts');
  const { asFailure } = await import('../advise/as-failure.ts');
  const { modelNeeds } = await import('../advise/needs-cache.ts');
  const demands = demandsOf(flags);
  const catalogue = await chipsWith(flags.chips);
  const chips = flags.boards ? advise.chipsOnBoards(catalogue).map(({ chip }) => chip) : catalogue;
  // Demands that contradict each other need no compiling.
  asFailure(() => advise.checkDemands(demands));
  const needs = await modelNeeds(terminal, path, flags);
  const result = asFailure(() => advise.fit(needs, demands, { chips }));
  terminal.write(
    flags.json
      ? `${JSON.stringify({ model: path, demands, ...asData(result) }, null, 2)}\n`
      : describe(terminal, path, needs, result, { all: flags.all === true, demands, format: advise }),
  );
  if (result.fits.length === 0)
    throw new Failure(`${path}: no chip fits; the nearest are listed with what would let them in`);
}

/** Chips by their ids. */
const asData = ({ fits, rejected }: FitResult) => ({
  fits: fits.map(({ chip, build, checks, ...rest }) => ({
    chip: chip.id,
    options: build.options,
    arenaBytes: build.arenaBytes,
    codeBytes: build.codeBytes,
    constantBytes: build.constantBytes,
    price: chip.price,
    ...rest,
    checks: checks.map(({ demand, middle, high }) => ({ demand, middle, high })),
  })),
  rejected: rejected.map(({ chip, ...rest }) => ({ chip: chip.id, ...rest })),
});

interface Shown {
  readonly all: boolean;
  readonly demands: ReturnType<typeof demandsOf>;
  readonly format: typeof import('@anymote/advise');
}

function describe(
  terminal: Terminal,
  path: string,
  needs: ModelNeeds,
  { fits, rejected }: FitResult,
  shown: Shown,
): string {
  const { colours } = terminal;
  const near = shown.all ? rejected : rejected.slice(0, 8);
  return [
    `${colours.bold(path)}  ${colours.dim(`${needs.title}: ${shown.format.digits(needs.macs)} multiply-accumulates`)}`,
    '',
    ...(fits.length === 0 ? ['no chip fits'] : fitTable(terminal, fits, shown)),
    '',
    ...(near.length === 0 ? [] : rejectedTable(terminal, near, rejected.length)),
    '',
  ].join('\n');
}

function fitTable({ colours }: Terminal, fits: readonly Fitting[], { demands, format }: Shown): readonly string[] {
  const rows = fits.map((own) => {
    const { chip, build, estimate, lifeHours, tightest, certain } = own;
    const [ram, flash] = [format.ramOf(own, demands), format.flashOf(own, demands)];
    const share = ({ need, have }: { readonly need: number; readonly have: number }): string =>
      `${format.formatBytes(need)} ${colours.dim(`${((100 * need) / have).toFixed(0)} %`)}`;
    return [
      `${certain ? colours.green('●') : colours.yellow('○')} ${colours.bold(chip.id)}${chip.verified ? '' : colours.dim(' (recalled)')}`,
      priceText(chip),
      format.formatMs(estimate.latencyMs.middle),
      colours.dim(`–${format.formatMs(estimate.latencyMs.high)}`),
      format.formatMicrojoules(estimate.microjoules.middle),
      ...(lifeHours === undefined
        ? []
        : [`${format.sleepCurrent(chip).typical ? '~' : ''}${format.formatHours(lifeHours.middle)}`]),
      share(ram),
      share(flash),
      tightest === undefined ? '' : `${tightest.demand} ${format.digits(tightest.margin)}×`,
      colours.dim([build.options, estimate.outside.length > 0 ? 'beyond calibration' : ''].filter(Boolean).join(', ')),
    ];
  });
  const life = fits[0]?.lifeHours === undefined ? [] : ['lasts'];
  const header = [
    '  chip',
    'price',
    'latency',
    'at worst',
    'energy',
    ...life,
    'RAM',
    'flash',
    'margin',
    'compile with',
  ].map((title) => colours.dim(title));
  return [
    ...alignColumns([header, ...rows], `llrlr${life.length > 0 ? 'r' : ''}rrll`),
    '',
    colours.dim(
      `${fits.length} fit. ● over the whole interval of every estimate, ○ in the middle of it; margin: the tightest demand, how many times it is met${life.length > 0 ? '; ~ where the sleep current has no figure and is taken as typical' : ''}`,
    ),
  ];
}

function rejectedTable({ colours }: Terminal, near: readonly Rejected[], all: number): readonly string[] {
  const rows = near.map(({ chip, reason, change }) => [
    `  ${chip.id}`,
    reason,
    change === undefined ? colours.dim('nothing lets it in') : `→ ${change}`,
  ]);
  const more = all - near.length;
  return [
    colours.dim(`ruled out, the nearest first${more > 0 ? ` (${more} more: --all)` : ''}`),
    ...alignColumns(rows),
  ];
}
