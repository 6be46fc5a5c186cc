// Random int8 networks with what passes look for: channels that are dead, saturated or not read, odd windows, rectifiers,
// paddings and conversions of their own, branches.
import { type Random, randomOf } from '../../kernel/testing/random.ts';
import { int8, int8PerAxis } from '../../ops/cases/case.ts';
import type { Graph } from '../../ops/index.ts';
import type { Activation } from '../../ops/quantised.ts';
import { allocate, type Data } from '../../tensor/dtype.ts';
import { elementsOf, type TensorType } from '../../tensor/tensor.ts';
import { Network } from './network.ts';

/** The network of a seed: int8 tensors of up to six rows and columns, one or two outputs. */
export function randomNetwork(seed: number): Graph {
  const random = randomOf(seed);
  const network = new Network();
  const size = (): number => random.between(1, 6);
  const shape = [random.chance(0.2) ? 2 : 1, size(), size(), random.between(1, 4)];
  const made = [network.input({ ...like(random), shape })];
  const layers = random.between(2, 8);
  for (let tries = 0; made.length <= layers && tries < 60; tries += 1)
    made.push(...(random.pick(layersOf)(network, random, recent(made, random), made) ?? []));
  const outputs = [ended(network, random, made.at(-1) ?? 0)];
  if (random.chance(0.3)) outputs.push(ended(network, random, recent(made, random)));
  return network.graph([...new Set(outputs)].filter((id) => id !== 0));
}

/** Inputs of a graph: random, all at one end, at the zero point, or a mix of the ends. */
export function randomInputs({ inputs, values }: Graph, seed: number): readonly Data[] {
  const random = randomOf(seed);
  return inputs.map((id) => {
    const type = values[id]?.type ?? int8([1]);
    const zero = type.quantisation?.zeroPoint[0] ?? 0;
    const kind = random.below(6);
    const data = allocate('i8', elementsOf(type));
    for (let i = 0; i < data.length; i += 1)
      data[i] =
        [-128, 127, zero, random.pick([-128, 127]), random.between(-128, 127), random.between(-128, 127)][kind] ?? 0;
    return data;
  });
}

/** Adds one layer that reads a value; undefined where it cannot. `all` are the values of four dimensions so far. */
type Layer = (network: Network, random: Random, x: number, all: readonly number[]) => readonly number[] | undefined;

const recent = (made: readonly number[], random: Random): number =>
  (random.chance(0.75) ? made.at(-1) : random.pick(made)) ?? 0;

const like = (random: Random): TensorType =>
  int8([], random.pick([0.05, 0.5, 2, 20]), random.pick([-128, -128, -7, 0, 127]));

const activation = (random: Random): Activation => random.pick(['none', 'relu', 'relu', 'relu6', 'reluN1To1']);

/** Weights of any size, some outputs and some inputs without any. `at` gives output and input of an element. */
function weights(
  random: Random,
  count: number,
  at: (i: number) => readonly [output: number, input: number],
): Int8Array {
  const dead = random.chance(0.6) ? random.below(8) : -1;
  const unread = random.chance(0.6) ? random.below(8) : -1;
  const period = random.between(2, 4);
  return Int8Array.from({ length: count }, (_, i) => {
    const [output, input] = at(i);
    if (output % period === dead % period && dead >= 0) return 0;
    if (input % period === unread % period && unread >= 0) return 0;
    return random.between(-128, 127);
  });
}

const scales = (random: Random, count: number): readonly number[] =>
  Array.from({ length: random.chance(0.5) ? 1 : count }, () => random.pick([0.0005, 0.004, 0.03]));

/** Mostly small, some that saturate any output, a few at the ends of int32. */
const bias = (random: Random, network: Network, count: number): number | undefined =>
  random.chance(0.15)
    ? undefined
    : network.bias(
        Array.from({ length: count }, () =>
          random.chance(0.03)
            ? random.pick([2147483647, -2147483648])
            : random.chance(0.3)
              ? random.pick([-1, 1]) * 10_000_000
              : random.between(-5000, 5000),
        ),
      );

function window(random: Random, most: number) {
  const side = (): number => (random.chance(0.5) ? 0 : random.between(0, most));
  return {
    strideH: random.between(1, 2),
    strideW: random.between(1, 3),
    dilationH: 1,
    dilationW: 1,
    padding: { top: side(), bottom: side(), left: side(), right: side() },
    activation: activation(random),
  };
}

const conv2d: Layer = (network, random, x) => {
  const depth = network.typeOf(x).shape.at(-1) ?? 1;
  const [outputs, kh, kw] = [random.between(1, 7), random.between(1, 3), random.between(1, 3)];
  const type = int8PerAxis([outputs, kh, kw, depth], scales(random, outputs));
  const data = weights(random, elementsOf(type), (i) => [Math.floor(i / (kh * kw * depth)), i % depth]);
  const attrs = { ...window(random, 2), dilationH: random.between(1, 2) };
  return network.tryNode(
    { op: 'conv2d', attrs },
    [x, network.constant(type, data), bias(random, network, outputs)],
    like(random),
  );
};

const depthwise: Layer = (network, random, x) => {
  const outputs = (network.typeOf(x).shape.at(-1) ?? 1) * random.pick([1, 1, 2]);
  const type = int8PerAxis([1, random.between(1, 3), random.between(1, 3), outputs], scales(random, outputs), 3);
  const data = weights(random, elementsOf(type), (i) => [i % outputs, -1]);
  const inputs = [x, network.constant(type, data), bias(random, network, outputs)];
  return network.tryNode({ op: 'depthwiseConv2d', attrs: window(random, 2) }, inputs, like(random));
};

const pool: Layer = (network, random, x) => {
  const [kernelH, kernelW] = [random.between(1, 3), random.between(1, 3)];
  const attrs = { ...window(random, 1), kernelH, kernelW };
  return network.tryNode({ op: random.pick(['averagePool2d', 'maxPool2d']), attrs }, [x], network.typeOf(x));
};

const rectifier: Layer = (network, random, x) => {
  const op = random.pick(['relu', 'relu6'] as const);
  const same = network.typeOf(x);
  return network.tryNode({ op, attrs: {} }, [x], op === 'relu6' || random.chance(0.7) ? same : like(random));
};

const function1: Layer = (network, random, x) => {
  const op = random.pick(['hardSwish', 'tanh', 'logistic', 'leakyRelu'] as const);
  const attrs = op === 'leakyRelu' ? { alpha: 0.1 } : {};
  const range = { tanh: int8([], 1 / 128, 0), logistic: int8([], 1 / 256, -128) };
  return network.tryNode({ op, attrs }, [x], op === 'tanh' || op === 'logistic' ? range[op] : like(random));
};

const quantize: Layer = (network, random, x) =>
  network.tryNode({ op: 'quantize', attrs: {} }, [x], random.chance(0.4) ? network.typeOf(x) : like(random));

/** Out to float32 and back. */
const thereAndBack: Layer = (network, random, x) => {
  const [real] = network.tryNode({ op: 'dequantize', attrs: {} }, [x], { dtype: 'f32', shape: [] }) ?? [];
  const back = random.chance(0.5) ? network.typeOf(x) : like(random);
  return real === undefined ? undefined : network.tryNode({ op: 'quantize', attrs: {} }, [real], back);
};

const pad: Layer = (network, random, x) => {
  const zero = network.typeOf(x).quantisation?.zeroPoint[0] ?? 0;
  const sides = (): readonly number[] => [0, random.below(3), random.below(3), random.chance(0.1) ? 1 : 0];
  const value = random.chance(0.8) ? zero : random.between(-128, 127);
  return network.tryNode({ op: 'pad', attrs: { before: sides(), after: sides(), value } }, [x], network.typeOf(x));
};

const arithmetic: Layer = (network, random, x, all) => {
  const { shape } = network.typeOf(x);
  const channels = shape.at(-1) ?? 1;
  const alike = all.filter((id) => network.typeOf(id).shape.every((size, axis) => size === shape[axis]));
  const known = (): number => {
    const type = { ...like(random), shape: random.pick([[channels], [1], shape]) };
    return network.constant(
      type,
      Int8Array.from({ length: elementsOf(type) }, () => random.between(-128, 127)),
    );
  };
  const other = random.chance(0.7) ? random.pick(alike) : known();
  const operands = random.chance(0.5) ? [x, other] : [other, x];
  const op = random.pick(['add', 'add', 'sub', 'mul'] as const);
  return network.tryNode({ op, attrs: { activation: activation(random) } }, operands, like(random));
};

const concatenation: Layer = (network, random, x, all) => {
  const type = network.typeOf(x);
  const other = random.pick(all);
  const [same] = network.tryNode({ op: 'quantize', attrs: {} }, [other], type) ?? [];
  const axis = random.pick([1, 3, 3, 3]);
  return same === undefined ? undefined : network.tryNode({ op: 'concatenation', attrs: { axis } }, [x, same], type);
};

const split: Layer = (network, random, x) => {
  const type = network.typeOf(x);
  const axis = random.pick([1, 3, 3]);
  const size = type.shape[axis] ?? 1;
  if (size < 2) return undefined;
  const first = random.between(1, size - 1);
  return network.tryNode({ op: 'split', attrs: { axis, sizes: [first, size - first] } }, [x], type, 2);
};

const slice: Layer = (network, random, x) => {
  const type = network.typeOf(x);
  const begin = type.shape.map((size, axis) => (axis === 3 && random.chance(0.7) ? 0 : random.below(size)));
  const sizes = type.shape.map((size, axis) => size - (begin[axis] ?? 0));
  const attrs = { begin, sizes, strides: [1, 1, 1, 1], shape: sizes };
  return network.tryNode({ op: 'stridedSlice', attrs }, [x], type);
};

const moved: Layer = (network, random, x) => {
  const type = network.typeOf(x);
  const [n = 1, h = 1, w = 1, c = 1] = type.shape;
  if (random.chance(0.4)) {
    const perm = random.pick([
      [0, 2, 1, 3],
      [0, 3, 1, 2],
    ]);
    return network.tryNode({ op: 'transpose', attrs: { perm } }, [x], type);
  }
  const shape = random.pick([[n, w, h, c], [n, 1, h * w, c], [n, 1, 1, h * w * c], [n, h, w * c, 1], type.shape]);
  return network.tryNode({ op: 'reshape', attrs: { shape } }, [x], type);
};

const layersOf: readonly Layer[] = [
  ...[conv2d, conv2d, conv2d, conv2d, depthwise, depthwise, depthwise, pool, pool, rectifier, rectifier, pad, pad],
  ...[arithmetic, arithmetic, concatenation, split, slice, moved, moved, quantize, thereAndBack, function1],
];

/** What comes last: nothing, a mean, or a classifier of flat elements. */
function ended(network: Network, random: Random, x: number): number {
  const type = network.typeOf(x);
  const [n = 1, h = 1, w = 1, c = 1] = type.shape;
  const kind = random.below(4);
  if (kind === 0) return x;
  if (kind === 1) {
    const axes = random.pick([[1, 2], [1, 2], [3], [-1, 1]]);
    return network.node({ op: 'mean', attrs: { axes, keepDims: random.chance(0.5) } }, [x], like(random));
  }
  const flat = random.chance(0.5) ? x : network.node({ op: 'reshape', attrs: { shape: [n, h * w * c] } }, [x], type);
  let rows = flat;
  for (let layer = 0; layer < random.between(1, 3); layer += 1) {
    const shape = network.typeOf(rows).shape;
    const depth = layer === 0 ? h * w * c : (shape.at(-1) ?? 1);
    const outputs = random.between(1, 6);
    const own = scales(random, outputs);
    const zeros = own.length === 1 && random.chance(0.3) ? [3] : own.map(() => 0);
    const wType: TensorType = {
      dtype: 'i8',
      shape: [outputs, depth],
      quantisation: { scale: own.map(Math.fround), zeroPoint: zeros, axis: 0 },
    };
    const data = weights(random, outputs * depth, (i) => [Math.floor(i / depth), i % c]);
    const inputs = [rows, network.constant(wType, data), bias(random, network, outputs)];
    const attrs = { activation: activation(random), keepDims: false };
    rows = network.node({ op: 'fullyConnected', attrs }, inputs, like(random));
  }
  return random.chance(0.3)
    ? network.node({ op: 'softmax', attrs: { beta: 1 } }, [rows], int8([], 1 / 256, -128))
    : rows;
}
