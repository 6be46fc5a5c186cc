// `anymote inspect`: what is in a model, what it costs, and who lives where in its memory at what time.
import type { Graph, Optimize, Plan, Report, Target, TensorType } from '@anymote/compiler';
import type { Command } from 'commander';
import { arenaMap, bar, letterOf } from '../arena-map.ts';
import { formatBytes, formatCount } from '../byte-size.ts';
import { describeLoops, optionsAsJson } from '../chosen-loops.ts';
import { describeProof, describeRows } from '../describe-arena.ts';
import { Failure } from '../failure.ts';
import { groupsOf, mostOf, nameOf, rangeOf, sumOf } from '../layer-groups.ts';
import { flashOption, type MemoryFlags, memoryOf, memoryOption, ramOption } from '../memory-options.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import { optimizeOption } from '../optimize-option.ts';
import { formatReal } from '../predictions.ts';
import { alignColumns, shorten } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { parseIdeas, withoutOption } from '../without-option.ts';

const examples = `
Examples:
  anymote inspect model.tflite
  anymote inspect model.tflite --target cortex-m0plus
  anymote inspect model.tflite --ram 24K
  anymote inspect model.tflite --json
`;

/** Adds the command to a program. */
export function addInspectCommand(program: Command, terminal: Terminal): void {
  withModelOptions(program.command('inspect'))
    .summary('show layers, shapes, quantisation, costs and memory')
    .description('Show the layers of a model with shapes, quantisation and costs, and its memory over time.')
    .argument('<model>', 'model file (.tflite, .onnx, .json, .ubj)')
    .option('-t, --target <name>', 'the target whose memory is planned', 'cortex-m4')
    .option(...optimizeOption)
    .option(...withoutOption)
    .option(...ramOption)
    .option(...flashOption)
    .option(...memoryOption)
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action((model: string, flags: InspectFlags) => inspect(terminal, model, flags));
}

interface InspectFlags extends MemoryFlags, ModelFlags {
  readonly target: string;
  readonly optimize: Optimize;
  readonly without?: string;
  readonly json?: true;
}

interface Inspected {
  readonly path: string;
  /** What was compiled: the model after the passes. */
  readonly graph: Graph;
  readonly target: Target;
  readonly report: Report;
  readonly plan: Plan;
}

async function inspect(terminal: Terminal, path: string, flags: InspectFlags): Promise<void> {
  const { compile, ideas } = await import('@anymote/compiler');
  const { aboutFile, readModelFile } = await import('../model-file.ts');
  const { parseTargets } = await import('../target-list.ts');
  const [target, another] = parseTargets(flags.target);
  if (target === undefined || another !== undefined) throw new Failure('--target: one target to inspect for', 2);
  const model = await readModelFile(path, flags);
  // What does not fit can be looked at all the same.
  const memory = memoryOf(flags, Number.POSITIVE_INFINITY);
  const { optimize } = flags;
  const without = parseIdeas(flags.without, ideas);
  const { graph, report, plan } = aboutFile(path, () => compile(model.graph, { target, memory, optimize, without }));
  const inspected = { path, graph, target, report, plan };
  terminal.write(flags.json ? `${JSON.stringify(toJson(inspected), null, 2)}\n` : describe(inspected, terminal));
}

function toJson({ path, graph, target, report, plan }: Inspected) {
  const tensor = (id: number) => {
    const value = graph.values[id];
    return { name: value?.name, ...value?.type, ...(value?.original && { modelShape: value.original.shape }) };
  };
  return {
    model: path,
    name: graph.name,
    target: target.name,
    inputs: graph.inputs.map(tensor),
    outputs: graph.outputs.map(tensor),
    ...report,
    layers: report.layers.map((layer, i) => ({
      ...layer,
      options: optionsAsJson(layer.options),
      outputs: graph.nodes[i]?.outputs.map(tensor),
    })),
    blocks: plan.blocks.map(({ values, ...block }) => ({
      ...block,
      tensors: values.map((id) => graph.values[id]?.name),
    })),
  };
}

/** `0.0235 × (q − 12)`; the number of scales where there is one for each channel. */
function describeQuantisation({ quantisation }: TensorType): string {
  if (quantisation === undefined) return '';
  const { scale, zeroPoint } = quantisation;
  if (scale.length !== 1) return `${scale.length} scales`;
  const zero = zeroPoint[0] ?? 0;
  const offset = zero === 0 ? 'q' : `(q ${zero < 0 ? '+' : '−'} ${Math.abs(zero)})`;
  return `${formatReal(scale[0] ?? 0)} × ${offset}`;
}

function describe(inspected: Inspected, terminal: Terminal): string {
  const { path, graph, target, report, plan } = inspected;
  const { colours } = terminal;
  const port = (role: string) => (id: number) => {
    const value = graph.values[id];
    if (value === undefined) return [];
    const shape = `${value.type.dtype} [${value.type.shape.join(', ')}]`;
    return [[`  ${role}`, colours.bold(value.name), shape, colours.dim(describeQuantisation(value.type))]];
  };
  const rows = groupsOf(report.layers).map((group): readonly string[] => {
    const [first = 0] = group.positions;
    const part = graph.values[graph.nodes[first]?.outputs[0] ?? -1];
    // Of rows, the tensor that they are rows of.
    const output = part?.rowsOf === undefined ? part?.type : graph.values[part.rowsOf.value]?.type;
    const macs = sumOf(group, (layer) => layer.macs);
    const constants = mostOf(group, (layer) => layer.constantBytes);
    return [
      rangeOf(group),
      colours.bold(nameOf(group)),
      output === undefined ? '' : `${output.dtype} [${output.shape.join(', ')}]`,
      colours.dim(output === undefined ? '' : describeQuantisation(output)),
      macs === 0 ? '' : formatCount(macs),
      constants === 0 ? '' : formatCount(constants),
      formatCount(mostOf(group, (layer) => layer.liveBytes)),
    ];
  });
  const header = ['', 'op', 'output', 'real value', 'MACs', 'constants', 'arena'].map((title) => colours.dim(title));
  const total = [
    '',
    'total',
    '',
    '',
    formatCount(report.macs),
    formatCount(report.constantBytes),
    formatCount(report.arenaBytes),
  ];
  return [
    `${colours.bold(graph.name)}  ${colours.dim(path)}`,
    ...alignColumns([...graph.inputs.flatMap(port('input')), ...graph.outputs.flatMap(port('output'))]),
    '',
    ...alignColumns([header, ...rows, total], 'rlllrrr'),
    '',
    ...describePasses(report, terminal),
    '',
    ...describeLoops(report.layers, target.name, terminal),
    '',
    ...describeArena(inspected, terminal),
    '',
    ...describeFit(target, report, plan),
    '',
  ].join('\n');
}

/** What the passes took out of the model, and who took it. */
function describePasses({ passes, removed, macs, modelMacs }: Report, { colours }: Terminal): readonly string[] {
  const amount = (count: number, what: string): readonly string[] =>
    count === 0 ? [] : [`${formatCount(count)} ${what}${count === 1 ? '' : 's'}`];
  const rows = passes.flatMap(({ name, note, nodes, channels, weights, macs: own }) => {
    const layers = removed.flatMap(({ by, from, op }) => (by === name ? [from || op] : []));
    const taken = [
      ...(layers.length === 0 ? amount(nodes, 'layer') : [`layers ${layers.join(', ')}`]),
      ...amount(channels, 'channel'),
      ...amount(weights, 'weight'),
      ...amount(own, 'multiply-accumulate'),
    ];
    return taken.length === 0 ? [] : [[`  ${name}`, shorten(taken.join(', '), 76), colours.dim(note)]];
  });
  if (rows.length === 0) return ['passes: nothing to take out'];
  return [
    `passes took out ${formatCount(modelMacs - macs)} of the model’s ${formatCount(modelMacs)} multiply-accumulates:`,
    ...alignColumns(rows),
  ];
}

function describeArena({ graph, report, plan }: Inspected, { colours, columns }: Terminal): readonly string[] {
  const barWidth = 16;
  const width = Math.max(24, Math.min(64, columns - barWidth - 44));
  const map = arenaMap(plan, width);
  const most = Math.max(0, ...plan.liveBytes);
  // Of each layer, the part that needs most.
  const rows = groupsOf(report.layers).map((group) => {
    const bytes = mostOf(group, (layer) => layer.liveBytes);
    const at = group.positions.find((position) => report.layers[position]?.liveBytes === bytes) ?? 0;
    const amount = bar(bytes, most, barWidth).padEnd(barWidth);
    return [`  ${at}`, group.op, formatCount(bytes), amount, `│${map[at] ?? ''}│`];
  });
  const shown = 12;
  const blocks = plan.blocks.slice(0, shown).map(({ values, offset, bytes, from, to }, i) => {
    const names = values.map((id) => shorten(graph.values[id]?.name ?? '', 40)).join(' = ') || 'scratch';
    const last = Math.min(to, report.layers.length - 1);
    return [
      `  ${letterOf(i)}`,
      formatCount(bytes),
      `at ${formatCount(offset)}`,
      `layers ${from}–${last}`,
      colours.dim(names),
    ];
  });
  const more = plan.blocks.length - shown;
  const header = ['', 'in use', 'bytes', '', `address 0 … ${formatCount(plan.arenaBytes)}`].map((title) =>
    colours.dim(title),
  );
  return [
    ...alignColumns([header, ...rows], 'rlrll'),
    '',
    ...alignColumns(blocks, 'lrlll'),
    ...(more > 0 ? [colours.dim(`  … ${more} more blocks (--json has them all)`)] : []),
  ];
}

function describeFit(target: Target, report: Report, plan: Plan): readonly string[] {
  const { arenaBytes, constantBytes } = report;
  const fit =
    target.memory === undefined
      ? []
      : [
          `${target.name} has ${formatBytes(target.memory.ramBytes)} of RAM (${arenaBytes <= target.memory.ramBytes ? 'fits' : 'too small'}), ` +
            `${formatBytes(target.memory.flashBytes)} of flash (${constantBytes <= target.memory.flashBytes ? 'fits' : 'too small'})`,
        ];
  return [
    `arena for ${target.name}: ${formatCount(arenaBytes)} bytes in ${plan.blocks.length} blocks, ${describeProof(report)}`,
    ...describeRows(report),
    ...fit,
  ];
}
