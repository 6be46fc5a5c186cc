// `npm run bench:ops`: single operators on int8 tensors, compiled for speed and checked on the emulated cores: instructions of one
// run by the element, as the Markdown table of docs/performance.md. Sets everything up first.
import { setUp } from './setup.mjs';

const usage = `Usage: npm run bench:ops -- [options]

  --targets a,b   only these targets
  --only text     only operators whose row contains the text
  --without a,b   leave out these tactics
  --help          this text
`;

const usualTargets = ['cortex-m4', 'cortex-m0plus', 'cortex-m3', 'cortex-m55', 'rv32imc'];

const int8 = (shape, scale, zeroPoint) => ({
  dtype: 'i8',
  shape,
  quantisation: { scale: [Math.fround(scale)], zeroPoint: [zeroPoint], axis: 0 },
});

const elementsOf = ({ shape }) => shape.reduce((count, size) => count * size, 1);

/** Rows: what is run, and whether its inputs or its outputs are counted. */
function operators() {
  const image = [1, 32, 32, 16];
  const [a, b] = [int8(image, 0.020317689, -10), int8(image, 0.031749253, 7)];
  const pool = (kernelH, kernelW, stride, pad = 0) => ({
    kernelH,
    kernelW,
    strideH: stride,
    strideW: stride,
    dilationH: 1,
    dilationW: 1,
    padding: { top: pad, bottom: pad, left: pad, right: pad },
    activation: 'none',
  });
  const pooled = (name, op, attrs, from, to) => ({
    name,
    op,
    attrs,
    inputs: [int8(from, 0.02, -128)],
    output: int8(to, 0.02, -128),
    per: 'input',
  });
  const none = { activation: 'none' };
  const y = int8(image, 0.038823471, 5);
  const small = int8([1, 1, 1, 16], 1 / 256, -128);
  const table = { inputs: [int8([4096], 0.05, -3)], output: int8([4096], 1 / 256, -128), per: 'output' };
  const [left, right] = [int8([1, 16, 16, 8], 0.02, -3), int8([1, 16, 16, 16], 0.02, -3)];
  return [
    { name: 'add', op: 'add', attrs: none, inputs: [a, b], output: y, per: 'output' },
    { name: 'add, relu', op: 'add', attrs: { activation: 'relu' }, inputs: [a, b], output: y, per: 'output' },
    { name: 'sub', op: 'sub', attrs: none, inputs: [a, b], output: y, per: 'output' },
    { name: 'mul', op: 'mul', attrs: none, inputs: [a, b], output: int8(image, 0.008834567, 5), per: 'output' },
    {
      name: 'mul by a gate',
      op: 'mul',
      attrs: none,
      inputs: [a, small],
      output: int8(image, 0.018834567, 5),
      per: 'output',
    },
    pooled('average 8 x 8 of 8 x 8 x 64', 'averagePool2d', pool(8, 8, 1), [1, 8, 8, 64], [1, 1, 1, 64]),
    pooled('average 3 x 3 of 3 x 3 x 256', 'averagePool2d', pool(3, 3, 1), [1, 3, 3, 256], [1, 1, 1, 256]),
    pooled('average 2 x 2, stride 2', 'averagePool2d', pool(2, 2, 2), [1, 16, 16, 32], [1, 8, 8, 32]),
    pooled('average 3 x 3, padded', 'averagePool2d', pool(3, 3, 1, 1), [1, 16, 16, 32], [1, 16, 16, 32]),
    pooled('max 2 x 2, stride 2', 'maxPool2d', pool(2, 2, 2), [1, 16, 16, 32], [1, 8, 8, 32]),
    pooled('max 3 x 3, padded', 'maxPool2d', pool(3, 3, 1, 1), [1, 16, 16, 32], [1, 16, 16, 32]),
    {
      name: 'mean of 8 x 8 x 64',
      op: 'mean',
      attrs: { axes: [1, 2], keepDims: true },
      inputs: [int8([1, 8, 8, 64], 0.02, -128)],
      output: int8([1, 1, 1, 64], 0.013, -120),
      per: 'input',
    },
    {
      name: 'softmax of 12',
      op: 'softmax',
      attrs: { beta: 1 },
      inputs: [int8([1, 12], 0.11, 4)],
      output: int8([1, 12], 1 / 256, -128),
      per: 'output',
    },
    { name: 'logistic', op: 'logistic', attrs: {}, ...table },
    { name: 'quantize', op: 'quantize', attrs: {}, ...table, output: int8([4096], 0.031, 9) },
    {
      name: 'pad by 1, 16 channels',
      op: 'pad',
      attrs: { before: [0, 1, 1, 0], after: [0, 1, 1, 0], value: -3 },
      inputs: [right],
      output: int8([1, 18, 18, 16], 0.02, -3),
      per: 'output',
    },
    {
      name: 'concatenation of 8 and 16 channels',
      op: 'concatenation',
      attrs: { axis: 3, activation: 'none' },
      inputs: [left, right],
      output: int8([1, 16, 16, 24], 0.02, -3),
      per: 'output',
    },
  ];
}

/** A graph of one node. */
function graphOf({ name, op, attrs, inputs, output }) {
  const ids = inputs.map((_, i) => i);
  const values = [
    ...inputs.map((type, i) => ({ name: `x${i}`, type, role: 'input' })),
    { name: 'y', type: output, role: 'temporary' },
  ];
  const nodes = [{ op, attrs, inputs: ids, outputs: [inputs.length], from: { node: '0' } }];
  return { name, values, nodes, inputs: ids, outputs: [inputs.length] };
}

/** The value of an option, split at commas. */
function listOf(args, option) {
  const at = args.indexOf(option);
  return at === -1 ? undefined : (args[at + 1] ?? '').split(',').filter(Boolean);
}

async function main(args) {
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  if (!(await setUp({ optional: false })).ok) return 1;
  const { lcgSamples, verifyModel } = await import(new URL('../packages/verify/dist/index.js', import.meta.url).href);
  const targets = listOf(args, '--targets') ?? usualTargets;
  const [only = ''] = listOf(args, '--only') ?? [];
  const without = listOf(args, '--without') ?? [];
  const line = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
  line(['instructions an element', ...targets]);
  line(['---', ...targets.map(() => '---:')]);
  let good = true;
  for (const one of operators().filter(({ name }) => name.includes(only))) {
    const graph = graphOf(one);
    const report = await verifyModel(graph, { targets, samples: lcgSamples(graph, 1), optimize: 'speed', without });
    good &&= report.ok;
    const elements = one.per === 'input' ? elementsOf(one.inputs[0]) : elementsOf(one.output);
    const cell = ({ outcome, instructions: [count] = [] }) =>
      outcome.status === 'ok' && count !== undefined ? (count / elements).toFixed(2) : outcome.status;
    line([`${one.name}, by ${one.per}`, ...report.targets.map(cell)]);
  }
  return good ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
