// Elimination, case by case: what is constant goes into a bias where no border can tell, what nobody reads goes, the rest
// stays; and every case computes what it did.
import { expect, it } from 'vitest';
import { int8, int8PerAxis } from '../ops/cases/case.ts';
import type { Graph } from '../ops/index.ts';
import { eliminateChannels } from './eliminate-channels.ts';
import { Network, whole } from './testing/network.ts';
import { randomInputs } from './testing/random-network.ts';
import { differences } from './testing/same-results.ts';

const single = { channelMultiple: 1 };

/** The graph without channels, after comparing it on some inputs. */
function eliminated(graph: Graph): Graph {
  const less = eliminateChannels.apply(graph, single);
  for (let seed = 0; seed < 12; seed += 1) expect(differences(graph, less, randomInputs(graph, seed))).toEqual([]);
  return less;
}

/** The channels kept of each value that lost some, by name. */
const keptOf = ({ values }: Graph): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(values.flatMap(({ name, original }) => (original === undefined ? [] : [[name, original.kept]])));

const padded = { ...whole, padding: { top: 1, bottom: 1, left: 1, right: 1 } };
const linear = { ...whole, activation: 'none' } as const;
const rectified = { ...whole, activation: 'relu' } as const;

/** x (1, 3, 3, 2) through a 1x1 convolution of three outputs, of which the middle one reads nothing. */
function withDeadChannel(middleBias: number, zeroPoint = -128) {
  const net = new Network();
  const x = net.input(int8([1, 3, 3, 2], 0.5, -128));
  const w = net.constant(int8PerAxis([3, 1, 1, 2], [0.01, 0.02, 0.03]), Int8Array.of(9, -20, 0, 0, 50, 60));
  const y = net.node(
    { op: 'conv2d', attrs: rectified },
    [x, w, net.bias([100, middleBias, -300])],
    int8([], 0.1, zeroPoint),
  );
  return { net, y };
}

const ones = (count: number, value = 1): Int8Array => new Int8Array(count).fill(value);

it('folds a constant into the bias of a convolution without borders', () => {
  const { net, y } = withDeadChannel(700);
  const w = net.constant(int8([2, 1, 1, 3]), Int8Array.of(1, 2, 3, 4, 5, 6));
  const z = net.node({ op: 'conv2d', attrs: linear }, [y, w, net.bias([7, 8])]);
  const less = eliminated(net.graph([z]));
  expect(keptOf(less)).toEqual({ [`value${y}`]: [0, 2] });
  const [first, second] = less.nodes.map(({ inputs }) => inputs.map((id) => less.values[id ?? -1]));
  expect(first?.[1]?.type.quantisation?.scale).toEqual([0.01, 0.03].map(Math.fround));
  expect(first?.[1]?.data).toEqual(Int8Array.of(9, -20, 50, 60));
  expect(second?.[1]?.data).toEqual(Int8Array.of(1, 3, 4, 6));
  // 0.01 steps of 0.5 a unit and 700 of them are 70 real, and 70 steps of 0.1 from -128 on.
  expect(less.values[y]?.original?.constants).toEqual([undefined, -128 + 70, undefined]);
  expect(second?.[2]?.data).toEqual(Int32Array.of(7 + 2 * 70, 8 + 5 * 70));
});

it('makes a bias where there was none', () => {
  const { net, y } = withDeadChannel(700);
  const z = net.node({ op: 'conv2d', attrs: linear }, [y, net.constant(int8([1, 1, 1, 3]), ones(3))]);
  const less = eliminated(net.graph([z]));
  expect(less.nodes[1]?.inputs).toHaveLength(3);
});

it('keeps a constant that a border cuts off, unless it is the zero point', () => {
  const reading = (bias: number, attrs: typeof padded) => {
    const { net, y } = withDeadChannel(bias);
    const w = net.constant(int8([1, 3, 3, 3]), ones(27));
    return net.graph([net.node({ op: 'conv2d', attrs: { ...attrs, activation: 'none' } }, [y, w], int8([], 40, 0))]);
  };
  expect(keptOf(eliminated(reading(700, padded)))).toEqual({});
  expect(Object.values(keptOf(eliminated(reading(-700, padded))))).toEqual([[0, 2]]);
});

it('folds a constant that only taps inside see', () => {
  const { net, y } = withDeadChannel(700);
  // 3 x 3 taps, of which the middle one alone reads the constant.
  const data = Int8Array.from({ length: 27 }, (_, i) => (i % 3 === 1 && i !== 13 ? 0 : 5));
  const w = net.constant(int8([1, 3, 3, 3]), data);
  const z = net.node({ op: 'conv2d', attrs: { ...padded, activation: 'none' } }, [y, w], int8([], 40, 0));
  expect(Object.values(keptOf(eliminated(net.graph([z]))))).toEqual([[0, 2]]);
});

it('follows a constant through a depthwise convolution, pool, rectifier, sum and mean', () => {
  const { net, y } = withDeadChannel(-5);
  const like = net.typeOf(y);
  const dw = net.constant(int8([1, 3, 3, 3], 0.05), ones(27, 3));
  const deep = net.node({ op: 'depthwiseConv2d', attrs: { ...padded, activation: 'relu' } }, [y, dw], like);
  const pooled = net.node({ op: 'maxPool2d', attrs: { ...linear, kernelH: 2, kernelW: 2 } }, [deep], like);
  const rectifiedAgain = net.node({ op: 'relu', attrs: {} }, [pooled], like);
  const sum = net.node({ op: 'add', attrs: { activation: 'none' } }, [pooled, rectifiedAgain], int8([], 0.3, 5));
  const mean = net.node({ op: 'mean', attrs: { axes: [1, 2], keepDims: false } }, [sum], int8([], 0.3, 5));
  const w = net.constant(int8([2, 3]), Int8Array.of(1, 2, 3, 4, 5, 6));
  const z = net.node(
    { op: 'fullyConnected', attrs: { activation: 'none', keepDims: false } },
    [mean, w],
    int8([], 9, 0),
  );
  const kept = keptOf(eliminated(net.graph([z])));
  expect(Object.keys(kept)).toEqual([y, deep, pooled, rectifiedAgain, sum, mean].map((id) => `value${id}`));
  expect(Object.values(kept).flat()).toEqual([0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2]);
});

it('removes channels that nobody reads, backwards through what treats channels side by side', () => {
  const net = new Network();
  const x = net.input(int8([1, 2, 2, 2]));
  const w = net.constant(int8([3, 1, 1, 2]), Int8Array.of(1, 2, 3, 4, 5, 6));
  const y = net.node({ op: 'conv2d', attrs: linear }, [x, w]);
  const act = net.node({ op: 'hardSwish', attrs: {} }, [y]);
  const flat = net.node({ op: 'reshape', attrs: { shape: [1, 12] } }, [act]);
  // Every third element, which is the last channel, has no weight.
  const rows = net.constant(
    int8([2, 12]),
    Int8Array.from({ length: 24 }, (_, i) => (i % 3 === 2 ? 0 : i + 1)),
  );
  const z = net.node(
    { op: 'fullyConnected', attrs: { activation: 'none', keepDims: false } },
    [flat, rows],
    int8([], 30, 0),
  );
  const less = eliminated(net.graph([z]));
  expect(keptOf(less)).toEqual({
    [`value${y}`]: [0, 1],
    [`value${act}`]: [0, 1],
    [`value${flat}`]: [0, 1, 3, 4, 6, 7, 9, 10],
  });
  expect(less.values[y]?.original?.constants).toEqual([undefined, undefined, undefined]);
});

it('takes saturated channels for constants', () => {
  const { net, y } = withDeadChannel(0);
  const like = net.typeOf(y);
  // Of 45 and more per step of the input nothing stays under the largest value.
  const w = net.constant(int8([2, 1, 1, 3]), Int8Array.of(1, 2, 3, 100, 100, 100));
  const z = net.node({ op: 'conv2d', attrs: rectified }, [y, w, net.bias([0, 1_000_000])], like);
  const v = net.constant(int8([1, 1, 1, 2]), ones(2));
  const out = net.node({ op: 'conv2d', attrs: linear }, [z, v], int8([], 3, 0));
  const less = eliminated(net.graph([out]));
  expect(less.values[z]?.original).toMatchObject({ kept: [0], constants: [undefined, 127] });
});

it('lets go of what only a constant reads, where the constant itself has to stay', () => {
  const net = new Network();
  const x = net.input(int8([1, 1, 1, 2], 0.5, -128));
  const w = net.constant(int8([2, 1, 1, 2]), Int8Array.of(1, 2, 3, 4));
  const y = net.node({ op: 'conv2d', attrs: linear }, [x, w], int8([], 0.5, 0));
  // Output 1 is saturated and an output of the graph; channel 1 of y has a weight there alone.
  const v = net.constant(int8([2, 1, 1, 2]), Int8Array.of(5, 0, 6, 7));
  const z = net.node({ op: 'conv2d', attrs: linear }, [y, v, net.bias([0, 1_000_000])], int8([], 0.5, 0));
  const less = eliminated(net.graph([z]));
  expect(keptOf(less)).toEqual({ [`value${y}`]: [0] });
  expect(less.values[less.nodes[1]?.inputs[1] ?? -1]?.data).toEqual(Int8Array.of(5, 0));
});

it('leaves every tensor a channel', () => {
  const net = new Network();
  const x = net.input(int8([1, 1, 1, 2]));
  const y = net.node({ op: 'conv2d', attrs: linear }, [x, net.constant(int8([3, 1, 1, 2]), ones(6, 0))]);
  const z = net.node({ op: 'conv2d', attrs: linear }, [y, net.constant(int8([1, 1, 1, 3]), ones(3))]);
  expect(keptOf(eliminated(net.graph([z])))).toEqual({ [`value${y}`]: [0] });
});

it('keeps a constant that would push a bias out of int32', () => {
  const { net, y } = withDeadChannel(700);
  const w = net.constant(int8([1, 1, 1, 3]), ones(3, 100));
  const z = net.node({ op: 'conv2d', attrs: linear }, [y, w, net.bias([2147483000])], int8([], 1e6, 0));
  expect(keptOf(eliminated(net.graph([z])))).toEqual({});
});

it('leaves two of several scales of a fully connected layer, as one alone is rounded otherwise', () => {
  const net = new Network();
  const x = net.input(int8([1, 2]));
  const attrs = { activation: 'none', keepDims: false } as const;
  const w = net.constant(int8PerAxis([3, 2], [0.1, 0.2, 0.3]), Int8Array.of(1, 2, 0, 0, 0, 0));
  const y = net.node({ op: 'fullyConnected', attrs }, [x, w]);
  const z = net.node({ op: 'fullyConnected', attrs }, [y, net.constant(int8([1, 3]), ones(3))]);
  expect(keptOf(eliminated(net.graph([z])))).toEqual({ [`value${y}`]: [0, 1] });
});

it('treats weights with a zero point by what they mean', () => {
  const net = new Network();
  const x = net.input(int8([1, 2]));
  const attrs = { activation: 'none', keepDims: false } as const;
  const y = net.node({ op: 'fullyConnected', attrs }, [
    x,
    net.constant(int8([3, 2], 0.5, 4), Int8Array.of(1, 2, 4, 4, 0, 0)),
  ]);
  const z = net.node({ op: 'fullyConnected', attrs }, [
    y,
    net.constant(int8([2, 3], 0.5, 9), Int8Array.of(1, 2, 9, 4, 5, 9)),
  ]);
  expect(keptOf(eliminated(net.graph([z])))).toEqual({ [`value${y}`]: [0] });
});

it('does not take a square for its ends', () => {
  const net = new Network();
  const x = net.input(int8([1, 4], 0.5, 0));
  const y = net.node({ op: 'mul', attrs: { activation: 'none' } }, [x, x], int8([], 200, 0));
  const w = net.constant(int8([1, 4]), ones(4));
  const z = net.node({ op: 'fullyConnected', attrs: { activation: 'none', keepDims: false } }, [y, w], int8([], 9, 0));
  eliminated(net.graph([z]));
});

it('keeps inputs, outputs, and what an operator reads that needs all channels', () => {
  const { net, y } = withDeadChannel(700);
  const soft = net.node({ op: 'softmax', attrs: { beta: 1 } }, [y], int8([], 1 / 256, -128));
  const graph = net.graph([soft]);
  expect(eliminated(graph)).toBe(graph);
  const direct = withDeadChannel(700);
  const itself = direct.net.graph([direct.y]);
  expect(eliminated(itself)).toBe(itself);
});

it('shortens parts that are joined, split and sliced', () => {
  const { net, y } = withDeadChannel(700);
  const type = net.typeOf(y);
  const joined = net.node({ op: 'concatenation', attrs: { axis: 3 } }, [y, y], type);
  const [left = -1, right = -1] =
    net.tryNode({ op: 'split', attrs: { axis: 3, sizes: [2, 4] } }, [joined], type, 2) ?? [];
  const begin = [0, 1, 0, 0];
  const attrs = { begin, strides: [1, 1, 1, 1], sizes: [1, 2, 3, 4], shape: [2, 3, 4] };
  const sliced = net.node({ op: 'stridedSlice', attrs }, [right], type);
  const attrsOfRows = { activation: 'none', keepDims: true } as const;
  const a = net.node(
    { op: 'fullyConnected', attrs: attrsOfRows },
    [sliced, net.constant(int8([1, 4]), ones(4))],
    int8([], 9, 0),
  );
  const b = net.node(
    { op: 'conv2d', attrs: linear },
    [left, net.constant(int8([1, 1, 1, 2]), ones(2))],
    int8([], 9, 0),
  );
  const kept = keptOf(eliminated(net.graph([a, b])));
  expect(kept[`value${joined}`]).toEqual([0, 2, 3, 5]);
  expect(kept[`value${left}`]).toEqual([0]);
  expect(kept[`value${sliced}`]).toEqual([0, 1, 3]);
});

it('leaves a multiple of channels where there was one', () => {
  const net = new Network();
  const x = net.input(int8([1, 2, 2, 3]));
  const layer = (from: number, outputs: number, read: number): number => {
    const depth = net.typeOf(from).shape.at(-1) ?? 1;
    const data = Int8Array.from({ length: outputs * depth }, (_, i) => (i % depth < read ? i + 1 : 0));
    return net.node(
      { op: 'conv2d', attrs: linear },
      [from, net.constant(int8([outputs, 1, 1, depth]), data)],
      int8([], 20, 0),
    );
  };
  const eight = layer(x, 8, 3);
  const six = layer(eight, 6, 5);
  const graph = net.graph([layer(six, 2, 3)]);
  const lengths = (channelMultiple: number): readonly number[] =>
    Object.values(keptOf(eliminateChannels.apply(graph, { channelMultiple }))).map(({ length }) => length);
  expect([1, 2, 4, 8].map(lengths)).toEqual([[5, 3], [6, 4], [3], [3]]);
});

it('goes on from what it left', () => {
  const { net, y } = withDeadChannel(700);
  const w = net.constant(int8([2, 1, 1, 3]), Int8Array.of(1, 2, 3, 4, 5, 6));
  const once = eliminated(net.graph([net.node({ op: 'conv2d', attrs: linear }, [y, w])]));
  expect(eliminateChannels.apply(once, single)).toBe(once);
  // The second weight column is gone; now without the first, channel 2 of the model alone is left.
  const values = once.values.map((value, id) =>
    id === once.nodes[1]?.inputs[1] ? { ...value, data: Int8Array.of(0, 3, 0, 6) } : value,
  );
  const twice = eliminateChannels.apply({ ...once, values }, single);
  expect(twice.values[y]?.original).toMatchObject({ shape: [1, 3, 3, 3], kept: [2] });
  expect(twice.values[y]?.original?.constants[1]).toBe(-128 + 70);
});
