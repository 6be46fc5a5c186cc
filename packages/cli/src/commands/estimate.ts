// `anymote estimate`: latency, power and energy of a model on one chip, layer by layer, with intervals.
import type { Battery, Chip, Estimate, Interval } from '@anymote/advise';
import type { LayerReport, Optimize } from '@anymote/compiler';
import type { Command } from 'commander';
import { battery, chipsOption, quantity } from '../advise/quantity-option.ts';
import { formatCount } from '../byte-size.ts';
import { Failure } from '../failure.ts';
import { groupsOf, nameOf, rangeOf } from '../layer-groups.ts';
import { measureModel } from '../measure-model.ts';
import { flashOption, type MemoryFlags, memoryOf, ramOption } from '../memory-options.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import { optimizeOption } from '../optimize-option.ts';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface EstimateFlags extends MemoryFlags, ModelFlags {
  readonly chip: string;
  readonly clock?: number;
  readonly rate?: number;
  readonly battery?: Battery;
  readonly optimize: Optimize;
  readonly measure?: true;
  readonly chips?: string;
  readonly json?: true;
}

const examples = `
Examples:
  anymote estimate model.tflite --chip stm32u585
  anymote estimate model.tflite --chip stm32u585 --clock 80MHz
  anymote estimate model.tflite --chip raspberry-pi-pico --rate 2/s --battery 2Ah@3.7V
  anymote estimate model.tflite --chip nrf52840 --measure     instructions counted on the emulated core

Cycles rest on measured networks on the chip or on others with its core; docs/estimates.md says how well that predicts.
An interval holds nine cases of ten.
`;

/** Adds the command to a program. */
export function addEstimateCommand(program: Command, terminal: Terminal): void {
  withModelOptions(program.command('estimate'))
    .summary('estimate latency and energy on a chip')
    .description('Estimate latency, power and energy of a model on a chip, with an interval and what it rests on.')
    .argument('<model>', 'model file (.tflite, .onnx, .json, .ubj)')
    .requiredOption('--chip <name>', 'chip or board, such as stm32u585ai')
    .option(
      '--clock <clock>',
      "the core's clock, such as 80MHz; the chip's highest unless given",
      quantity('--clock', 'clock'),
    )
    .option('--rate <rate>', 'inferences, such as 10/s or 4/min: gives mean power', quantity('--rate', 'rate'))
    .option('--battery <battery>', 'such as 230mAh@3V: gives how long it lasts', battery)
    .option(...optimizeOption)
    .option(...ramOption)
    .option(...flashOption)
    .option('--measure', 'count instructions on the emulated core instead of predicting them')
    .option(...chipsOption)
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action((model: string, flags: EstimateFlags) => runEstimate(terminal, model, flags));
}

async function runEstimate(terminal: Terminal, path: string, flags: EstimateFlags): Promise<void> {
  const advise = await import('@anymote/advise');
  const { compile, resolveTarget } = await import('@anymote/compiler');
  const { chipNamed, chipsWith } = await import('../advise/own-chips.ts');
  const { aboutFile, readModelFile } = await import('../model-file.ts');
  const chip = chipNamed(flags.chip, await chipsWith(flags.chips));
  if (flags.clock !== undefined && flags.clock > chip.clockMegahertz)
    throw new Failure(`--clock: the ${chip.name} has at most ${chip.clockMegahertz} MHz`, 2);
  if (flags.battery !== undefined && flags.rate === undefined)
    throw new Failure('--battery needs --rate, such as 1/min: how often it computes decides how long it lasts', 2);
  const { target, unusable } = advise.cores[chip.core];
  if (target === undefined) throw new Failure(`the ${chip.name} has ${unusable}`);
  const { optimize } = flags;
  const { graph } = await readModelFile(path, flags);
  const memory = memoryOf(flags, Number.POSITIVE_INFINITY);
  const { report } = aboutFile(path, () => compile(graph, { target, optimize, memory }));
  const measured = flags.measure
    ? await measureModel(terminal, path, graph, { target: resolveTarget(target), optimize, memory, byLayer: false })
    : undefined;
  if (flags.measure && measured?.instructions === undefined)
    throw new Failure(`instructions cannot be counted for ${target}`);
  const instructions = measured?.instructions;
  const running = {
    ...report.predicted,
    ...(instructions === undefined ? {} : { instructions }),
  };
  const volts = advise.voltsNear(chip, flags.battery?.volts);
  const conditions = { volts, ...(flags.clock === undefined ? {} : { megahertz: flags.clock }) };
  const estimate = advise.estimate(running, chip, conditions);
  if (estimate === undefined) throw new Failure(`nothing can be compiled for a ${chip.core}`);
  const { rate, battery } = flags;
  const mean = rate === undefined ? undefined : advise.meanMilliwatts(estimate, chip, volts, rate);
  const life = mean === undefined || battery === undefined ? undefined : advise.lifeHours(battery, mean);
  const layers = shares(report.layers, (layer) => advise.baseCycles(layer.execution, chip, estimate.megahertz));
  const build = {
    arenaBytes: report.arenaBytes,
    codeBytes: report.predicted.codeBytes,
    constantBytes: report.constantBytes,
  };
  if (flags.json) {
    const figures = { ...estimate, meanMilliwatts: mean, lifeHours: life, ...build };
    terminal.write(`${JSON.stringify({ model: path, chip: chip.id, target, ...figures, layers }, null, 2)}\n`);
    return;
  }
  terminal.write(
    describe(terminal, path, chip, estimate, {
      ...(mean === undefined ? {} : { mean }),
      ...(life === undefined ? {} : { life }),
      memory: [
        ['RAM', advise.ramOf({ build, chip }, {})],
        ['flash', advise.flashOf({ build, chip }, {})],
      ],
      layers: layerLines(report.layers, layers, estimate, terminal),
      format: advise,
    }),
  );
}

interface Shown {
  readonly mean?: Interval;
  readonly life?: Interval;
  readonly memory: readonly (readonly [what: string, sizes: { readonly need: number; readonly have: number }])[];
  readonly layers: readonly string[];
  readonly format: typeof import('@anymote/advise');
}

function describe(
  { colours }: Terminal,
  path: string,
  chip: Chip,
  estimate: Estimate,
  { mean, life, memory, layers, format }: Shown,
): string {
  const span = ({ low, middle, high }: Interval, text: (value: number) => string): readonly string[] => [
    colours.bold(text(middle)),
    colours.dim(`${text(low)} to ${text(high)}`),
  ];
  const asleep =
    mean !== undefined && format.sleepCurrent(chip).typical ? ['asleep: no figure, typical of all chips'] : [];
  const cycles = (value: number): string => formatCount(Math.round(value));
  const rows = [
    ['latency', ...span(estimate.latencyMs, format.formatMs)],
    ['cycles', ...span(estimate.cycles, cycles)],
    ['power, computing', ...span(estimate.milliwatts, format.formatMilliwatts)],
    ['energy, one inference', ...span(estimate.microjoules, format.formatMicrojoules)],
    ...(mean === undefined ? [] : [['mean power', ...span(mean, format.formatMilliwatts)]]),
    ...(life === undefined ? [] : [['battery lasts', ...span(life, format.formatHours)]]),
    ...memory.map(([what, { need, have }]) => [
      what,
      (need <= have ? colours.bold : colours.red)(`${format.formatBytes(need)} of ${format.formatBytes(have)}`),
      colours.dim('with what else a small program takes'),
    ]),
  ];
  return [
    `${colours.bold(path)} on ${colours.bold(chip.name)} at ${format.digits(estimate.megahertz)} MHz`,
    ...alignColumns(rows.map(([what = '', ...cells]) => [`  ${what}`, ...cells])),
    '',
    ...layers,
    '',
    ...[...estimate.basis, ...asleep].map((line) => colours.dim(`  ${line}`)),
    '',
  ].join('\n');
}

interface Share {
  readonly name: string;
  readonly share: number;
}

function shares(layers: readonly LayerReport[], cyclesOf: (layer: LayerReport) => number): readonly Share[] {
  const cycles = layers.map(cyclesOf);
  const all = cycles.reduce((total, own) => total + own, 0);
  return layers.map(({ name }, i) => ({ name, share: (cycles[i] ?? 0) / Math.max(1, all) }));
}

/** The layers that take most, parts of one layer together. */
function layerLines(
  layers: readonly LayerReport[],
  all: readonly Share[],
  { latencyMs }: Estimate,
  { colours }: Terminal,
): readonly string[] {
  const rows = groupsOf(layers)
    .map((group) => ({
      group,
      share: group.positions.reduce((total, position) => total + (all[position]?.share ?? 0), 0),
    }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 8)
    .map(({ group, share }) => [
      `  ${rangeOf(group)}`,
      nameOf(group),
      `${(share * latencyMs.middle).toPrecision(3)} ms`,
      `${(100 * share).toFixed(0)} %`,
      '█'.repeat(Math.round(24 * share)),
    ]);
  return [colours.dim('  layers that take most'), ...alignColumns(rows, 'llrrl')];
}
