// Runs a model here and now: compiles it to WebAssembly and wraps the instance in a typed object. Works in Node, browsers
// and workers; uses vector instructions where the engine has them.
import { type CompileOptions, compile } from './compile.ts';
import { CompileError, type Issue } from './errors.ts';
import { readModel } from './formats/index.ts';
import type { Graph } from './ops/index.ts';
import type { Port, Program } from './render/program.ts';
import { bytesOf, type Data, holds, integerRange, viewOf } from './tensor/dtype.ts';
import { clamp, roundHalfAwayFromZero } from './tensor/fixed-point.ts';
import { describeType, elementsOf, type TensorType } from './tensor/tensor.ts';

export interface LoadedTensor {
  readonly name: string;
  readonly type: TensorType;
}

/** A model ready to run. Runs are synchronous; one at a time. */
export interface LoadedModel {
  readonly name: string;
  readonly inputs: readonly LoadedTensor[];
  readonly outputs: readonly LoadedTensor[];
  readonly arenaBytes: number;
  /** One inference on stored elements (int8 for a quantised model), in the order of `inputs`; the results are copies. */
  run(...inputs: readonly Data[]): Data[];
  /** One inference on real numbers: quantises the inputs, dequantises the outputs. */
  predict(...inputs: readonly ArrayLike<number>[]): Float32Array[];
  /** Back to the state before the first run. */
  reset(): void;
}

/** The smallest module that validates only where 128-bit vectors are known: a function that drops a zero vector. */
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 26, 11,
]);

/** Prepares a model given as the bytes of a file, or as a graph. Throws a CompileError for what cannot run. */
export async function load(
  model: Uint8Array | Graph,
  options: Pick<CompileOptions, 'without'> = {},
): Promise<LoadedModel> {
  const graph = model instanceof Uint8Array ? readModel(model) : model;
  const artifact = compile(graph, { target: WebAssembly.validate(simdProbe) ? 'wasm' : 'wasm-scalar', ...options });
  if (artifact.kind !== 'wasm') throw new Error('internal error: a WebAssembly target gave no module');
  const { program, arenaAddress } = artifact;
  const module = await WebAssembly.compile(artifact.bytes);
  let instance = await start(module);
  // The memory never grows, so that its ports stay where they are: making views anew would take microseconds a run.
  let ports = portsOf(instance, program, arenaAddress);
  const check = (given: number): void => {
    if (given !== program.inputs.length)
      throw wrongInput({}, 'number of inputs', String(program.inputs.length), String(given));
  };
  const run = (...inputs: readonly Data[]): Data[] => {
    check(inputs.length);
    program.inputs.forEach((port, i) => {
      const data = inputs[i];
      if (data === undefined || !holds(data, port.type.dtype, elementsOf(port.type))) {
        throw wrongInput(
          { tensor: port.name },
          `input ${i}`,
          describeType(port.type),
          data === undefined ? 'nothing' : `${data.constructor.name} of ${data.length}`,
        );
      }
      ports.inputs[i]?.set(bytesOf(data));
    });
    instance.run();
    return ports.outputs.map((elements) => elements.slice());
  };
  return {
    name: graph.name,
    inputs: program.inputs.map(({ name, type }) => ({ name, type })),
    outputs: program.outputs.map(({ name, type }) => ({ name, type })),
    arenaBytes: program.arenaBytes,
    run,
    predict(...inputs) {
      check(inputs.length);
      const stored = program.inputs.map((port, i) => quantise(inputs[i] ?? [], port));
      return run(...stored).map((data, i) => dequantise(data, program.outputs[i]?.type));
    },
    reset() {
      instance = instantiate(module);
      instance.init();
      ports = portsOf(instance, program, arenaAddress);
    },
  };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  run(): void;
  init(): void;
}

async function start(module: WebAssembly.Module): Promise<Exports> {
  const instance = instantiate(module);
  instance.init();
  return instance;
}

// The exports are those that render/wasm/module.ts writes.
const instantiate = (module: WebAssembly.Module): Exports =>
  new WebAssembly.Instance(module, {}).exports as unknown as Exports;

const wrongInput = (where: Issue['where'], what: string, want: string, found: string): CompileError =>
  new CompileError([{ code: 'bad-value', where, what, want, found }]);

/** Where inputs and outputs lie in the memory of an instance. */
interface Ports {
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Data[];
}

const portsOf = ({ memory }: Exports, { inputs, outputs }: Program, arena: number): Ports => ({
  inputs: inputs.map(({ offset, bytes }) => new Uint8Array(memory.buffer, arena + offset, bytes)),
  outputs: outputs.map(({ type, offset }) => viewOf(type.dtype, memory.buffer, arena + offset, elementsOf(type))),
});

/**
 * Real numbers as stored elements: q = round(real / scale) + zero point, saturated; of a NaN the smallest. In float32, as
 * the quantize operator and the generated C header.
 */
function quantise(values: ArrayLike<number>, { name, type }: Port): Data {
  if (values.length !== elementsOf(type))
    throw wrongInput({ tensor: name }, 'input', describeType(type), `${values.length} numbers`);
  if (type.dtype === 'f32') return Float32Array.from(values);
  const saturate = (value: number, low: number, high: number): number =>
    Number.isNaN(value) ? low : clamp(value, low, high);
  if (type.dtype === 'i64') {
    // The largest double below 2^63 is 2^63 - 1024.
    return BigInt64Array.from(values, (value) =>
      BigInt(saturate(roundHalfAwayFromZero(value), -(2 ** 63), 2 ** 63 - 1024)),
    );
  }
  const { dtype, quantisation } = type;
  const [low, high] = dtype === 'bool' ? [0, 1] : integerRange[dtype];
  const scaled = (value: number): number => {
    if (quantisation === undefined) return roundHalfAwayFromZero(value);
    const { scale, zeroPoint } = quantisation;
    const quotient = Math.fround(Math.fround(value) / Math.fround(scale[0] ?? 1));
    return roundHalfAwayFromZero(quotient) + (zeroPoint[0] ?? 0);
  };
  const stored = Array.from(values, (value) => saturate(scaled(value), low, high));
  if (type.dtype === 'i8') return Int8Array.from(stored);
  if (type.dtype === 'i16') return Int16Array.from(stored);
  return type.dtype === 'i32' ? Int32Array.from(stored) : Uint8Array.from(stored);
}

function dequantise(data: Data, type: TensorType | undefined): Float32Array {
  const scale = type?.quantisation?.scale[0] ?? 1;
  const zeroPoint = type?.quantisation?.zeroPoint[0] ?? 0;
  return Float32Array.from(data as ArrayLike<number | bigint>, (value) => (Number(value) - zeroPoint) * scale);
}
