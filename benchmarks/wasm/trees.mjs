// `npm run bench:wasm -- --trees`: rows of digits a second through random forests in WebAssembly, one thread: anymote row by row,
// onnxruntime-web one row and a hundred rows a call. Classes are compared before anything is timed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { adaptModel, compile, readModel } from '../../packages/compiler/dist/index.js';
import { compare } from './measure.mjs';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const columns = 64;

/** Rows and classes of a table beside a model. */
function tableOf(path) {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const numbers = lines.map((line) => line.split(',').map(Number));
  return {
    rows: numbers.map((line) => Float32Array.from(line.slice(0, columns))),
    labels: numbers.map((line) => line[columns]),
  };
}

function anymote(graph, rows, name, optimize) {
  const { bytes } = compile(graph, { target: 'wasm', optimize });
  const { memory, init, run, input, output } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  init();
  const to = new Float32Array(memory.buffer, input(0), columns);
  const from = new Int32Array(memory.buffer, output(0), 1);
  const classOf = (row) => {
    to.set(row);
    run();
    return from[0];
  };
  return {
    name,
    classes: () => rows.map(classOf),
    run(count) {
      let last;
      for (let n = 0; n < count; n += 1) for (const row of rows) last = classOf(row);
      return last;
    },
  };
}

async function onnxruntime(bytes, rows, batch) {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  const [input] = session.inputNames;
  const tensors = [];
  for (let at = 0; at < rows.length; at += batch) {
    const part = rows.slice(at, at + batch);
    const data = new Float32Array(part.length * columns);
    part.forEach((row, i) => {
      data.set(row, i * columns);
    });
    tensors.push(new ort.Tensor('float32', data, [part.length, columns]));
  }
  const [label] = session.outputNames;
  return {
    name: `onnxruntime-web, ${batch} ${batch === 1 ? 'row' : 'rows'} a call`,
    async classes() {
      const all = [];
      for (const tensor of tensors)
        all.push(...Array.from((await session.run({ [input]: tensor }))[label].data, Number));
      return all;
    },
    async run(count) {
      let last;
      for (let n = 0; n < count; n += 1) for (const tensor of tensors) last = await session.run({ [input]: tensor });
      return last;
    },
  };
}

/** Prints a table for each forest. */
export async function benchTrees(models, options) {
  const folder = join(models, 'trees');
  if (!existsSync(folder)) throw new Error(`the forests are looked for in ${folder}`);
  for (const name of ['onnx_rf10_digits', 'onnx_rf100_digits']) {
    const bytes = new Uint8Array(readFileSync(join(folder, `${name}.onnx`)));
    const { rows, labels } = tableOf(join(folder, `${name}.csv`));
    const sklearn = readModel(readFileSync(join(folder, `${name.replace('onnx', 'sk')}.json`)));
    const onnx = readModel(bytes);
    const runners = [
      anymote(adaptModel(sklearn, { outputs: ['predict'] }), rows, 'anymote, scikit-learn’s model, class', 'speed'),
      anymote(onnx, rows, 'anymote, ONNX model, class and probabilities', 'speed'),
      await onnxruntime(bytes, rows, 1),
      await onnxruntime(bytes, rows, rows.length),
    ];
    for (const runner of runners) {
      const classes = await runner.classes();
      if (classes.some((one, i) => one !== labels[i])) throw new Error(`${runner.name} gives other classes`);
    }
    const figures = await compare(runners, options);
    console.log(`\n| ${name}, ${rows.length} rows | rows a second |\n|---|---:|`);
    runners.forEach((runner, i) => {
      console.log(
        `| ${runner.name} | ${Math.round((rows.length * 1e6) / figures[i].microseconds).toLocaleString('en')} |`,
      );
    });
  }
}
