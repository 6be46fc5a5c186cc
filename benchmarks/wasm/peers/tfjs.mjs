// @tensorflow/tfjs-backend-wasm: the network's layers as fused operations with real weights; the backend has no int8.
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { dequantised, typeOf } from '../networks.mjs';

export const thread = 'WASM_HAS_MULTITHREAD_SUPPORT = false, setThreadsCount(1)';

tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
setThreadsCount(1);

function layersOf(graph) {
  const constant = (id, order) => {
    const { type, data } = graph.values[id];
    const own = tf.tensor(data, type.shape);
    return order === undefined ? own : tf.transpose(own, order);
  };
  const paddingOf = ({ top, bottom, left, right }) => [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const isSame = (size, kernel, stride, before, after) => {
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
    return before === Math.floor(total / 2) && after === Math.ceil(total / 2);
  };
  return graph.nodes.map(({ op, attrs, inputs, outputs }) => {
    const [x, w, b] = inputs;
    const bias = b === undefined || op === 'add' ? undefined : constant(b);
    const activation = attrs.activation === 'relu' ? 'relu' : 'linear';
    const strides = [attrs.strideH, attrs.strideW];
    const windowed = (kernelH, kernelW) => {
      const [, h, wide] = typeOf(graph, x).shape;
      const { top, bottom, left, right } = attrs.padding;
      if (top + bottom + left + right === 0) return 'valid';
      const same = isSame(h, kernelH, attrs.strideH, top, bottom) && isSame(wide, kernelW, attrs.strideW, left, right);
      return same ? 'same' : paddingOf(attrs.padding);
    };
    const step = {
      conv2d: () => {
        const [, kh, kw] = typeOf(graph, w).shape;
        const filter = constant(w, [1, 2, 3, 0]);
        const pad = windowed(kh, kw);
        return (at) => tf.fused.conv2d({ x: at(x), filter, strides, pad, bias, activation });
      },
      depthwiseConv2d: () => {
        const [, kh, kw, c] = typeOf(graph, w).shape;
        const filter = tf.reshape(constant(w), [kh, kw, c, 1]);
        const pad = windowed(kh, kw);
        return (at) => tf.fused.depthwiseConv2d({ x: at(x), filter, strides, pad, bias, activation });
      },
      fullyConnected: () => {
        // With transposeB the backend adds a wrong bias (4.22.0).
        const columns = constant(w, [1, 0]);
        return (at) => tf.fused.matMul({ a: at(x), b: columns, bias, activation });
      },
      add: () => (at) => (activation === 'relu' ? tf.relu(tf.add(at(x), at(w))) : tf.add(at(x), at(w))),
      averagePool2d: () => (at) => tf.avgPool(at(x), [attrs.kernelH, attrs.kernelW], strides, 'valid'),
      reshape: () => (at) => tf.reshape(at(x), attrs.shape),
      softmax: () => (at) => tf.softmax(at(x)),
    }[op];
    return { output: outputs[0], compute: step() };
  });
}

export async function runners({ graph, floatGraph }, input) {
  await tf.setBackend('wasm');
  const layers = layersOf(floatGraph);
  const real = dequantised(input, typeOf(graph, graph.inputs[0]));
  const { shape } = typeOf(floatGraph, floatGraph.inputs[0]);
  const once = () =>
    tf.tidy(() => {
      const values = new Map([[floatGraph.inputs[0], tf.tensor(real, shape)]]);
      for (const { output, compute } of layers)
        values.set(
          output,
          compute((id) => values.get(id)),
        );
      return values.get(floatGraph.outputs[0]).dataSync();
    });
  return [
    {
      numbers: 'float32',
      async run(count) {
        let result;
        for (let n = 0; n < count; n += 1) result = once();
        return result;
      },
    },
  ];
}
