// The folding passes, case by case: what is the same to the last bit is folded, what is not stays.
import { describe, expect, it } from 'vitest';
import { int8, int8PerAxis, plainType, randomData } from '../ops/cases/case.ts';
import type { Graph } from '../ops/index.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { foldActivation } from './fold-activation.ts';
import { foldConstants } from './fold-constants.ts';
import { foldPadding } from './fold-padding.ts';
import { foldQuantisation } from './fold-quantisation.ts';
import { foldReshape } from './fold-reshape.ts';
import type { Pass } from './pass.ts';
import { removeDeadNodes } from './remove-dead-nodes.ts';
import { Network, whole } from './testing/network.ts';
import { randomInputs } from './testing/random-network.ts';
import { differences } from './testing/same-results.ts';

const apply = (pass: Pass, graph: Graph): Graph => pass.apply(graph, { channelMultiple: 1 });

/** Operators after the pass, in order, once its results were compared. */
function left(pass: Pass, graph: Graph): readonly string[] {
  const less = after(pass, graph);
  return less.nodes.map(({ op }) => op);
}

function after(pass: Pass, graph: Graph): Graph {
  const less = pass.apply(graph, { channelMultiple: 1 });
  for (let seed = 0; seed < 12; seed += 1) {
    const isInt8 = graph.inputs.every((id) => graph.values[id]?.type.dtype === 'i8');
    const inputs = isInt8
      ? randomInputs(graph, seed)
      : graph.inputs.map((id) => randomData(graph.values[id]?.type ?? int8([1]), seed, 9));
    expect(differences(graph, less, inputs)).toEqual([]);
  }
  return less;
}

const linear = { ...whole, activation: 'none' } as const;
const f32 = plainType('f32', []);
const weights = (net: Network, ...shape: readonly number[]): number => {
  const type = int8(shape, 0.01);
  return net.constant(type, randomData(type, 1));
};
const floats = (net: Network, ...shape: readonly number[]): number => {
  const type = plainType('f32', shape);
  return net.constant(type, randomData(type, 1, 3));
};

describe('fold-activation', () => {
  const rectified = (
    op: 'relu' | 'relu6',
    like: TensorType,
    own: 'none' | 'relu' | 'relu6' = 'none',
    to = like,
  ): Graph => {
    const net = new Network();
    const x = net.input(int8([1, 2, 2, 3], 0.5, 4));
    const y = net.node({ op: 'conv2d', attrs: { ...whole, activation: own } }, [x, weights(net, 4, 1, 1, 3)], like);
    return net.graph([net.node({ op, attrs: {} }, [y], to)]);
  };

  it('fuses rectifiers of equal scales', () => {
    for (const [op, scale, zero] of [
      ['relu', 0.3, -20],
      ['relu6', 0.05, -128],
      ['relu6', 0.3, 100],
    ] as const) {
      const graph = rectified(op, int8([], scale, zero));
      expect(left(foldActivation, graph)).toEqual(['conv2d']);
      expect(apply(foldActivation, graph).nodes[0]).toMatchObject({
        attrs: { activation: op },
        outputs: graph.outputs,
      });
    }
  });

  it('joins two bounds where one activation has both', () => {
    const less = apply(foldActivation, rectified('relu', int8([], 0.05, -128), 'relu6'));
    expect(less.nodes).toMatchObject([{ op: 'conv2d', attrs: { activation: 'relu6' } }]);
    expect(left(foldActivation, rectified('relu6', int8([], 0.05, -100), 'relu'))).toEqual(['conv2d']);
  });

  it('leaves a rectifier that rescales', () => {
    expect(left(foldActivation, rectified('relu', int8([], 0.3, -20), 'none', int8([], 0.31, -20)))).toEqual([
      'conv2d',
      'relu',
    ]);
  });

  it('leaves a rectifier whose layer has other readers, or is an output', () => {
    const net = new Network();
    const x = net.input(int8([4], 0.5, 4));
    const sum = net.node({ op: 'add', attrs: { activation: 'none' } }, [x, x]);
    const y = net.node({ op: 'relu', attrs: {} }, [sum]);
    const z = net.node({ op: 'mul', attrs: { activation: 'none' } }, [sum, y]);
    expect(left(foldActivation, net.graph([z]))).toEqual(['add', 'relu', 'mul']);
    expect(left(foldActivation, net.graph([y, sum]))).toEqual(['add', 'relu', 'mul']);
    expect(left(removeDeadNodes, net.graph([y]))).toEqual(['add', 'relu']);
    expect(left(foldActivation, apply(removeDeadNodes, net.graph([y])))).toEqual(['add']);
  });

  it('fuses in float32', () => {
    const net = new Network();
    const x = net.input(plainType('f32', [2, 3]));
    const attrs = { activation: 'none', keepDims: false } as const;
    const y = net.node({ op: 'fullyConnected', attrs }, [x, floats(net, 4, 3)], f32);
    expect(left(foldActivation, net.graph([net.node({ op: 'relu6', attrs: {} }, [y], f32)]))).toEqual([
      'fullyConnected',
    ]);
  });
});

describe('fold-padding', () => {
  const padded = (
    value: number,
    before: readonly number[],
    readers: 'conv' | 'both' | 'pool' | 'filter' = 'conv',
  ): Graph => {
    const net = new Network();
    const type = int8([1, 4, 3, 2], 0.5, 7);
    const y = net.node({ op: 'pad', attrs: { before, after: [0, 1, 2, 0], value } }, [net.input(type)], type);
    const attrs = { ...linear, padding: { top: 1, bottom: 0, left: 0, right: 1 } };
    const conv = net.node({ op: 'conv2d', attrs }, [y, weights(net, 3, 2, 2, net.typeOf(y).shape[3] ?? 0)]);
    const depthwise = net.node({ op: 'depthwiseConv2d', attrs }, [
      y,
      weights(net, 1, 2, 2, net.typeOf(y).shape[3] ?? 0),
    ]);
    const pool = net.node({ op: 'averagePool2d', attrs: { ...linear, kernelH: 2, kernelW: 2 } }, [y], type);
    const outputs = { conv: [conv], both: [conv, depthwise], pool: [conv, pool], filter: [y] }[readers];
    return apply(removeDeadNodes, net.graph(outputs));
  };

  it('becomes part of what reads it', () => {
    const graph = padded(7, [0, 2, 1, 0], 'both');
    expect(left(foldPadding, graph)).toEqual(['conv2d', 'depthwiseConv2d']);
    const padding = { top: 3, bottom: 1, left: 1, right: 3 };
    expect(apply(foldPadding, graph).nodes).toMatchObject([{ attrs: { padding } }, { attrs: { padding } }]);
  });

  it('stays where it is no zero, not of rows and columns, or read by others', () => {
    expect(left(foldPadding, padded(0, [0, 1, 1, 0]))).toEqual(['pad', 'conv2d']);
    expect(left(foldPadding, padded(7, [1, 1, 1, 0]))).toEqual(['pad', 'conv2d']);
    expect(left(foldPadding, padded(7, [0, 1, 1, 1]))).toEqual(['pad', 'conv2d']);
    expect(left(foldPadding, padded(7, [0, 1, 1, 0], 'pool'))).toEqual(['pad', 'conv2d', 'averagePool2d']);
    expect(left(foldPadding, padded(7, [0, 1, 1, 0], 'filter'))).toEqual(['pad']);
  });

  it('in float32 asks for finite weights', () => {
    const graph = (weight: number): Graph => {
      const net = new Network();
      const x = net.input(plainType('f32', [1, 2, 2, 1]));
      const side = [0, 1, 1, 0];
      const y = net.node({ op: 'pad', attrs: { before: side, after: side, value: 0 } }, [x], f32);
      const w = net.constant(plainType('f32', [1, 1, 2, 1]), Float32Array.of(2, weight));
      return net.graph([net.node({ op: 'conv2d', attrs: linear }, [y, w], f32)]);
    };
    expect(left(foldPadding, graph(-0.5))).toEqual(['conv2d']);
    expect(left(foldPadding, graph(Number.POSITIVE_INFINITY))).toEqual(['pad', 'conv2d']);
  });
});

describe('fold-quantisation', () => {
  const chain = (from: TensorType, ...to: readonly TensorType[]): Graph => {
    const net = new Network();
    let at = net.input({ ...from, shape: [8] });
    for (const type of to)
      at = net.node({ op: type.dtype === 'f32' ? 'dequantize' : 'quantize', attrs: {} }, [at], type);
    return net.graph([net.node({ op: 'tanh', attrs: {} }, [at], int8([], 1 / 128, 0))]);
  };
  const [a, b] = [int8([], 0.5, 3), int8([], 0.25, -7)];

  it('drops conversions that change nothing', () => {
    expect(left(foldQuantisation, chain(a, a))).toEqual(['tanh']);
    expect(left(foldQuantisation, chain(a, f32, a))).toEqual(['tanh']);
    expect(left(foldQuantisation, chain(a, f32, a, a, f32, a))).toEqual(['tanh']);
  });

  it('joins two that one does as well', () => {
    expect(left(foldQuantisation, chain(a, f32, b))).toEqual(['quantize', 'tanh']);
    expect(left(foldQuantisation, chain(b, int8([], 0.25, -8), int8([], 0.25, -7)))).toEqual([
      'quantize',
      'quantize',
      'tanh',
    ]);
  });

  it('leaves those that round', () => {
    expect(left(foldQuantisation, chain(b, a))).toEqual(['quantize', 'tanh']);
    expect(left(foldQuantisation, chain(b, a, b))).toEqual(['quantize', 'quantize', 'tanh']);
  });

  it('drops the last one, where what computes its input can compute the output', () => {
    const net = new Network();
    const y = net.node({ op: 'hardSwish', attrs: {} }, [net.input(int8([4], 0.5, 3))], a);
    const z = net.node({ op: 'quantize', attrs: {} }, [y], a);
    const less = after(foldQuantisation, net.graph([z]));
    expect(less.nodes).toMatchObject([{ op: 'hardSwish', outputs: [z] }]);
    const direct = new Network();
    const same = direct.node({ op: 'quantize', attrs: {} }, [direct.input(int8([4], 0.5, 3))], a);
    expect(left(foldQuantisation, direct.graph([same]))).toEqual(['quantize']);
  });
});

describe('fold-reshape', () => {
  it('joins reshapes, and drops those to the same shape', () => {
    const net = new Network();
    const x = net.input(int8([2, 6]));
    const flat = net.node({ op: 'reshape', attrs: { shape: [12] } }, [x]);
    const back = net.node({ op: 'reshape', attrs: { shape: [2, 6] } }, [flat]);
    const y = net.node({ op: 'softmax', attrs: { beta: 1 } }, [back], int8([], 1 / 256, -128));
    expect(left(foldReshape, net.graph([y]))).toEqual(['softmax']);
    expect(left(foldReshape, net.graph([y, flat]))).toEqual(['reshape', 'softmax']);
  });

  it('leaves rows to layers that see them anyway', () => {
    const graph = (keepDims: boolean): Graph => {
      const net = new Network();
      const flat = net.node({ op: 'reshape', attrs: { shape: [1, 12] } }, [net.input(int8([1, 2, 2, 3]))]);
      return net.graph([
        net.node({ op: 'fullyConnected', attrs: { activation: 'none', keepDims } }, [flat, weights(net, 2, 12)]),
      ]);
    };
    expect(left(foldReshape, graph(false))).toEqual(['fullyConnected']);
    expect(left(foldReshape, graph(true))).toEqual(['reshape', 'fullyConnected']);
  });

  it('keeps one that makes an output of an input', () => {
    const net = new Network();
    const graph = net.graph([net.node({ op: 'reshape', attrs: { shape: [12] } }, [net.input(int8([12]))])]);
    expect(apply(foldReshape, graph)).toBe(graph);
  });
});

describe('fold-constants', () => {
  it('computes what depends on constants only', () => {
    const net = new Network();
    const type = int8PerAxis([2, 3], [0.5]);
    const w = net.node({ op: 'dequantize', attrs: {} }, [net.constant(type, randomData(type, 1))], f32);
    const x = net.input(plainType('f32', [1, 3]));
    const y = net.node({ op: 'fullyConnected', attrs: { activation: 'none', keepDims: false } }, [x, w], f32);
    const less = after(foldConstants, net.graph([y]));
    expect(less.nodes.map(({ op }) => op)).toEqual(['fullyConnected']);
    expect(less.values[w]).toMatchObject({ role: 'constant' });
  });

  it('leaves outputs, and what would take long', () => {
    const net = new Network();
    const type = int8([4], 0.5, 1);
    const y = net.node({ op: 'hardSwish', attrs: {} }, [net.constant(type, randomData(type, 1))]);
    const graph = net.graph([y]);
    expect(apply(foldConstants, graph)).toBe(graph);
    const large = new Network();
    const one = large.constant(int8([1]), Int8Array.of(1));
    const side = [2 ** 21];
    const wide = large.node({ op: 'pad', attrs: { before: side, after: [0], value: 1 } }, [one]);
    const z = large.node({ op: 'relu', attrs: {} }, [wide], int8([], 0.5, 0));
    expect(apply(foldConstants, large.graph([z])).nodes).toHaveLength(2);
  });
});

describe('remove-dead-nodes', () => {
  it('removes what nobody reads, however long the way', () => {
    const net = new Network();
    const x = net.input(int8([4]));
    const y = net.node({ op: 'hardSwish', attrs: {} }, [x]);
    net.node({ op: 'hardSwish', attrs: {} }, [net.node({ op: 'hardSwish', attrs: {} }, [y])]);
    expect(left(removeDeadNodes, net.graph([y]))).toEqual(['hardSwish']);
    const [first = -1] = net.tryNode({ op: 'split', attrs: { axis: 0, sizes: [1, 3] } }, [y], int8([]), 2) ?? [];
    expect(left(removeDeadNodes, net.graph([first]))).toEqual(['hardSwish', 'split']);
  });
});
