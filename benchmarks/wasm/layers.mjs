// `npm run bench:wasm -- --layers`: where the time of one inference goes, by kind of layer, with the vector tactics and without.
// Of each layer the least time of many runs counts, which other work on the machine does not disturb.
import { compile } from '../../packages/compiler/dist/index.js';
import { inputOf, typeOf } from './networks.mjs';

const vectorTactics = ['simd-dot', 'simd-depthwise', 'simd-average-pool', 'simd-sum'];

/** Microseconds of each layer, the least of all runs within so many milliseconds. */
function leastOfLayers({ program, bytes }, input, forMs) {
  const least = program.steps.map(() => Number.POSITIVE_INFINITY);
  let last = 0;
  const onLayer = (layer) => {
    least[layer] = Math.min(least[layer], (performance.now() - last) * 1000);
    last = performance.now();
  };
  const {
    memory,
    init,
    run,
    input: inputAt,
  } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    anymote: { on_layer: onLayer },
  }).exports;
  init();
  new Int8Array(memory.buffer).set(input, inputAt(0));
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    last = performance.now();
    run();
  }
  return least;
}

/** By what a report calls a layer's origin: the operator, and the window of a convolution. */
function kindsOf(graph) {
  return new Map(
    graph.nodes.map(({ op, inputs, from }) => {
      if (op !== 'conv2d') return [from.node, op];
      const [, height, width] = typeOf(graph, inputs[1]).shape;
      return [from.node, `conv2d ${height} x ${width}`];
    }),
  );
}

/** Rows of a table: the network as a whole, then each kind of layer that has multiplications or takes time. */
export function layerRows(network, forMs = 5000) {
  const { graph, name } = network;
  const input = inputOf(network, 1);
  const builds = [{}, { without: vectorTactics }].map((options) => {
    const traced = compile(graph, { target: 'wasm', trace: true, ...options });
    const { bytes, report } = compile(graph, { target: 'wasm', ...options });
    return { least: leastOfLayers(traced, input, forMs), moduleBytes: bytes.length, report };
  });
  const kinds = kindsOf(graph);
  const [{ report }] = builds;
  const byKind = new Map();
  report.layers.forEach(({ from, op, macs }, layer) => {
    const kind = kinds.get(from) ?? op;
    const row = byKind.get(kind) ?? { kind, layers: 0, macs: 0, microseconds: [0, 0] };
    row.layers += 1;
    row.macs += macs;
    builds.forEach(({ least }, n) => {
      row.microseconds[n] += least[layer];
    });
    byKind.set(kind, row);
  });
  const rows = [...byKind.values()];
  const total = {
    kind: 'all',
    layers: report.layers.length,
    macs: report.macs,
    microseconds: [0, 1].map((n) => rows.reduce((sum, row) => sum + row.microseconds[n], 0)),
  };
  return {
    network: name,
    moduleBytes: builds.map(({ moduleBytes }) => moduleBytes),
    rows: [total, ...rows.filter(({ microseconds }) => microseconds[1] >= 1)],
  };
}

export function layerTable({ network, moduleBytes, rows }) {
  const perNanosecond = (macs, microseconds) => (macs === 0 ? '' : (macs / microseconds / 1000).toFixed(1));
  const lines = rows.map(
    ({ kind, layers, macs, microseconds: [fast, plain] }) =>
      `| ${network} | ${kind} | ${layers} | ${plain.toFixed(1)} | ${fast.toFixed(1)} | ${perNanosecond(macs, plain)} | ${perNanosecond(macs, fast)} |`,
  );
  return [
    '| network | layers | number | µs without tactics | µs | MACs a ns without | MACs a ns |',
    '|---|---|---:|---:|---:|---:|---:|',
    ...lines,
    '',
    `Module: ${moduleBytes[0]} bytes, without tactics ${moduleBytes[1]}.`,
  ].join('\n');
}
