// `npm run bench:wasm`: one inference of the MLPerf Tiny networks in WebAssembly, one thread, beside other runtimes for Node.
// Before anything is timed, each runtime's output is compared with what the layers' definitions give.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluateGraph, readModel } from '../../packages/compiler/dist/index.js';
import { layerRows, layerTable } from './layers.mjs';
import { compare } from './measure.mjs';
import { dequantised, inputOf, modelsFolder, networkNames, readNetwork, typeOf } from './networks.mjs';
import { benchTrees } from './trees.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const usage = `Usage: npm run bench:wasm -- [options]

  --networks a,b  of ${networkNames.join(', ')}
  --rounds n      rounds of batches (default 21)
  --json          the figures as JSON on the standard output
  --write         also write docs/benchmarks-wasm.md
  --layers        instead, where anymote's time goes by kind of layer
  --trees         instead, rows a second through random forests
  --help          this text
`;

const packages = {
  anymote: undefined,
  onnxruntime: 'onnxruntime-web',
  tfjs: '@tensorflow/tfjs-backend-wasm',
  tflite: '@tensorflow/tfjs-tflite',
  'host-c': undefined,
};

const versionOf = (name) => {
  // Not every package exports its package.json.
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', name);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
};

/** What each kind of runner has to come near: the int8 or the float definition of the layers, at most so far off, of the range. */
const allowed = { int8: 1 / 16, float32: 1e-3 };

function differenceFrom(want, got) {
  const range = Math.max(...want) - Math.min(...want);
  return Math.max(...want.map((value, i) => Math.abs(value - (got[i] ?? Number.NaN)))) / range;
}

async function runnersOf(network, input) {
  const real = dequantised(input, typeOf(network.graph, network.graph.inputs[0]));
  const outputOf = (graph, x) => evaluateGraph(graph, [x]).get(graph.outputs[0]);
  const stored = outputOf(network.graph, input);
  const want = {
    int8: dequantised(stored, typeOf(network.graph, network.graph.outputs[0])),
    float32: outputOf(network.floatGraph, real),
  };
  const wantOfFile = network.floatBytes === undefined ? undefined : outputOf(readModel(network.floatBytes), real);
  const all = [];
  for (const [peer, name] of Object.entries(packages)) {
    const { runners, thread } = await import(`./peers/${peer}.mjs`);
    for (const runner of await runners(network, input)) {
      const own = peer === 'tflite' && runner.numbers === 'float32' ? wantOfFile : want[runner.numbers];
      const difference = differenceFrom(own, await runner.run(1));
      const exact = name === undefined;
      if (!(difference <= (exact ? 0 : allowed[runner.numbers])))
        throw new Error(`${network.name}: ${peer} ${runner.numbers} is ${difference} of the range off: wrong results`);
      all.push({ ...runner, name: runner.name ?? name ?? peer, thread, difference });
    }
  }
  return all;
}

async function measure(folder, name, options) {
  const network = readNetwork(folder, name);
  const runners = await runnersOf(network, inputOf(network, 1));
  const figures = await compare(runners, options);
  return {
    network: name,
    rows: runners.map(({ name: runtime, numbers, thread, difference }, n) => ({
      runtime,
      numbers,
      thread,
      difference,
      ...figures[n],
    })),
  };
}

const digits = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

function table({ network, rows }) {
  const lines = rows.map((row) => {
    const spread = row === rows[0] ? '' : ` (${digits(row.least)}–${digits(row.most)})`;
    const off = row.difference === 0 ? 'none' : row.difference.toPrecision(1);
    const cells = [
      row.runtime,
      row.numbers,
      digits(row.microseconds),
      `${digits(row.ratio)}${spread}`,
      digits(row.processorMicroseconds),
      digits(row.processorRatio),
      off,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `### ${network}`,
    '',
    '| runtime | numbers | µs | times anymote’s (least–most) | processor µs | times anymote’s | off, of the output’s range |',
    '|---|---|---:|---:|---:|---:|---:|',
    ...lines,
  ].join('\n');
}

function page(results, { rounds }) {
  const versions = Object.values(packages)
    .filter((name) => name !== undefined)
    .map((name) => `${name} ${versionOf(name)}`);
  const shares = results.flatMap(({ rows }) => rows.map((row) => row.threads));
  const share = `${Math.min(...shares).toFixed(2)} to ${Math.max(...shares).toFixed(2)}`;
  const threads = [...new Map(results[0].rows.map(({ runtime, thread }) => [runtime, thread]))];
  return `# WebAssembly beside other runtimes

Written by \`npm run bench:wasm -- --write\`. One inference, Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'}; ${versions.join(', ')}. All runtimes in one process, ${rounds} rounds of one batch each in turn; the median time, and the median of the ratios within a round, by the clock and of processor time (which other work on the machine disturbs less; it had ${share} of a processor). Times are this machine's at that hour; the ratios are what can be compared.

Input and output are copied in and out in every run, through each runtime's public interface (tfjs-tflite's module is called directly). int8 is the network as it is; float32 the same layers with the weights' real values, or the published float model where the runtime reads the file itself (tfjs-tflite). The ONNX files are made from the int8 model: in the QDQ form with uint8 activations, which ONNX Runtime fuses to its int8 kernels, and in float. tfjs has no int8. Outputs were compared with the definition of the layers before anything was timed.

One thread: ${threads.map(([runtime, thread]) => `${runtime}: ${thread}`).join('; ')}.

${results.map(table).join('\n\n')}
`;
}

async function main(args) {
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const optionOf = (option) => (args.includes(option) ? args[args.indexOf(option) + 1] : undefined);
  const known = ['--networks', '--rounds', '--json', '--write', '--layers', '--trees'];
  const unknown = args.filter((arg) => arg.startsWith('--') && !known.includes(arg));
  const names = optionOf('--networks')?.split(',') ?? networkNames;
  const rounds = Number(optionOf('--rounds') ?? 21);
  if (unknown.length > 0 || !(rounds >= 1) || !names.every((name) => networkNames.includes(name))) {
    process.stderr.write(usage);
    return 2;
  }
  const folder = modelsFolder(root);
  if (folder === undefined) {
    process.stderr.write('the models are not here: set ANYMOTE_SHARED to the folder that holds models/\n');
    return 1;
  }
  if (args.includes('--layers')) {
    for (const name of names) process.stdout.write(`${layerTable(layerRows(readNetwork(folder, name)))}\n\n`);
    return 0;
  }
  const options = { rounds, warmUpMs: 1500, batchMs: 25 };
  if (args.includes('--trees')) {
    await benchTrees(folder, options);
    return 0;
  }
  const results = [];
  for (const name of names) {
    const result = await measure(folder, name, options);
    results.push(result);
    if (!args.includes('--json')) process.stdout.write(`${table(result)}\n\n`);
  }
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  if (args.includes('--write')) {
    mkdirSync(join(root, 'docs'), { recursive: true });
    writeFileSync(join(root, 'docs', 'benchmarks-wasm.md'), page(results, options));
  }
  const slower = results.flatMap(({ network, rows }) =>
    rows
      .filter(({ ratio, runtime }) => ratio < 1 && !runtime.startsWith('host C'))
      .map(({ runtime }) => `${network}: ${runtime}`),
  );
  if (slower.length > 0) process.stderr.write(`faster than anymote: ${slower.join(', ')}\n`);
  return slower.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
