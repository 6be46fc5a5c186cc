// A graph as an ONNX file, in float, or quantised in the QDQ form (QuantizeLinear and DequantizeLinear around float operators)
// that ONNX Runtime fuses into its int8 kernels. Activations are NCHW there; `toNchw` brings the input into that order.
// Field numbers: onnx.proto of ONNX 1.16; operator set 13, AveragePool and all others used are the same since.
import { bytes, float, join, message, number } from './protobuf.mjs';

const types = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 };

/** x (1, h, w, c) → (1, c, h, w); other shapes stay. */
export function toNchw(data, shape) {
  if (shape.length !== 4) return data;
  const [, h, w, c] = shape;
  return data.map((_, i) => data[(Math.floor(i / w) % h) * w * c + (i % w) * c + Math.floor(i / (h * w))]);
}

const nchw = (shape) => (shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape);

/** w (o, kh, kw, i) → (o, i, kh, kw); with `depthwise` w (1, kh, kw, o) → (o, 1, kh, kw). */
function weightsToOihw(data, [o, kh, kw, i], depthwise) {
  const out = data.slice();
  let at = 0;
  for (let channel = 0; channel < (depthwise ? i : o); channel += 1)
    for (let input = 0; input < (depthwise ? 1 : i); input += 1)
      for (let y = 0; y < kh; y += 1)
        for (let x = 0; x < kw; x += 1) {
          out[at] = data[depthwise ? (y * kw + x) * i + channel : ((channel * kh + y) * kw + x) * i + input];
          at += 1;
        }
  return out;
}

function tensor(name, type, shape, data) {
  return join([
    ...shape.map((size) => number(1, size)),
    number(2, types[type]),
    bytes(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

const attribute = {
  int: (name, value) => message(5, [bytes(1, name), number(3, value), number(20, 2)]),
  float: (name, value) => message(5, [bytes(1, name), float(2, value), number(20, 1)]),
  ints: (name, values) => message(5, [bytes(1, name), ...values.map((value) => number(8, value)), number(20, 7)]),
};

const valueInfo = (name, type, shape) =>
  join([
    bytes(1, name),
    message(2, [
      message(1, [
        number(1, types[type]),
        message(
          2,
          shape.map((size) => message(1, [number(1, size)])),
        ),
      ]),
    ]),
  ]);

/**
 * The bytes of the file. `activations`: 'float', or 'uint8' for the QDQ form with int8 weights, whose input is int8 plus 128.
 * `floatGraph` has the real values of `graph`'s constants.
 */
export function onnxModel(graph, floatGraph, activations) {
  const quantised = activations !== 'float';
  const nodes = [];
  const constants = [];
  let next = 0;
  const fresh = (base) => `${base}_${next++}`;
  const node = (op, inputs, output, attributes = []) => {
    nodes.push(
      join([...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(3, output), bytes(4, op), ...attributes]),
    );
    return output;
  };
  const constant = (base, type, shape, data) => {
    const name = fresh(base);
    constants.push(tensor(name, type, shape, data));
    return name;
  };
  const typeOf = (id) => graph.values[id].type;
  const scaleAndZero = (id) => {
    const { scale, zeroPoint } = typeOf(id).quantisation;
    return [
      constant('scale', 'float', [], Float32Array.of(scale[0])),
      constant('zero', 'uint8', [], Uint8Array.of(zeroPoint[0] + 128)),
    ];
  };
  /** By value: the name of its real numbers. */
  const names = new Map();
  const define = (id, real) => {
    if (!quantised) {
      names.set(id, real);
      return;
    }
    const [scale, zero] = scaleAndZero(id);
    const stored = node('QuantizeLinear', [real, scale, zero], fresh('stored'));
    names.set(id, node('DequantizeLinear', [stored, scale, zero], fresh('real')));
  };
  const [input] = graph.inputs;
  const inputType = quantised ? 'uint8' : 'float';
  if (quantised) names.set(input, node('DequantizeLinear', ['input', ...scaleAndZero(input)], fresh('real')));
  else names.set(input, 'input');

  /** Weights as (o, i, kh, kw) or (o, i), and the bias, as real numbers. */
  const weightsOf = ({ inputs, op }) => {
    const [, w, bias] = inputs;
    const depthwise = op === 'depthwiseConv2d';
    const { shape, quantisation } = typeOf(w);
    const [o, kh, kw, i] = shape;
    const ordered = (data) => (shape.length === 4 ? weightsToOihw(data, shape, depthwise) : data);
    const to = shape.length !== 4 ? shape : depthwise ? [i, 1, kh, kw] : [o, i, kh, kw];
    if (!quantised) {
      const biases = bias === undefined ? [] : [constant('bias', 'float', [to[0]], floatGraph.values[bias].data)];
      return [constant('w', 'float', to, ordered(floatGraph.values[w].data)), ...biases];
    }
    const perChannel = quantisation.scale.length > 1;
    const dims = perChannel ? [to[0]] : [];
    const axis = perChannel ? [attribute.int('axis', 0)] : [];
    const dequantise = (base, type, dims4, data, scale) => {
      const parts = [
        constant(base, type, dims4, data),
        constant('scale', 'float', dims, Float32Array.from(scale)),
        constant('zero', type, dims, type === 'int8' ? new Int8Array(scale.length) : new Int32Array(scale.length)),
      ];
      return node('DequantizeLinear', parts, fresh(base), axis);
    };
    const xScale = typeOf(inputs[0]).quantisation.scale[0];
    const biases =
      bias === undefined
        ? []
        : [
            dequantise(
              'bias',
              'int32',
              [to[0]],
              Int32Array.from(graph.values[bias].data, Number),
              quantisation.scale.map((scale) => scale * xScale),
            ),
          ];
    return [dequantise('w', 'int8', to, ordered(graph.values[w].data), quantisation.scale), ...biases];
  };
  /** A fused activation; in the quantised form one that saturation does anyway is left out. */
  const activated = (real, activation, output) => {
    if (activation === 'none') return real;
    if (activation !== 'relu') throw new Error(`activation ${activation}`);
    if (quantised && typeOf(output).quantisation.zeroPoint[0] === -128) return real;
    return node('Relu', [real], fresh('relu'));
  };
  const pads = ({ top, bottom, left, right }) => attribute.ints('pads', [top, left, bottom, right]);

  for (const { op, attrs, inputs, outputs } of graph.nodes) {
    const [output] = outputs;
    const x = names.get(inputs[0]);
    const xType = typeOf(inputs[0]);
    if (op === 'conv2d' || op === 'depthwiseConv2d') {
      const groups = op === 'conv2d' ? 1 : xType.shape[3];
      const attributes = [
        attribute.ints('strides', [attrs.strideH, attrs.strideW]),
        attribute.int('group', groups),
        pads(attrs.padding),
      ];
      const sum = node('Conv', [x, ...weightsOf({ inputs, op })], fresh('conv'), attributes);
      define(output, activated(sum, attrs.activation, output));
    } else if (op === 'fullyConnected') {
      const sum = node('Gemm', [x, ...weightsOf({ inputs, op })], fresh('gemm'), [attribute.int('transB', 1)]);
      define(output, activated(sum, attrs.activation, output));
    } else if (op === 'add') {
      const sum = node('Add', [x, names.get(inputs[1])], fresh('add'));
      define(output, activated(sum, attrs.activation, output));
    } else if (op === 'averagePool2d') {
      const attributes = [
        attribute.ints('kernel_shape', [attrs.kernelH, attrs.kernelW]),
        attribute.ints('strides', [attrs.strideH, attrs.strideW]),
        pads(attrs.padding),
      ];
      const whole = attrs.kernelH === xType.shape[1] && attrs.kernelW === xType.shape[2];
      define(
        output,
        whole ? node('GlobalAveragePool', [x], fresh('pool')) : node('AveragePool', [x], fresh('pool'), attributes),
      );
    } else if (op === 'reshape') {
      const shape = constant('shape', 'int64', [attrs.shape.length], BigInt64Array.from(attrs.shape, BigInt));
      define(output, node('Reshape', [x, shape], fresh('reshape')));
    } else if (op === 'softmax') {
      define(output, node('Softmax', [x], fresh('softmax'), [attribute.int('axis', 1)]));
    } else throw new Error(`no ONNX form of ${op}`);
  }
  const [result] = graph.outputs;
  node('Identity', [names.get(result)], 'output');
  const graphFields = [
    ...nodes.map((one) => bytes(1, one)),
    bytes(2, graph.name),
    ...constants.map((one) => bytes(5, one)),
    bytes(11, valueInfo('input', inputType, nchw(typeOf(input).shape))),
    bytes(12, valueInfo('output', 'float', nchw(typeOf(result).shape))),
  ];
  return join([number(1, 8), bytes(2, 'anymote'), message(7, graphFields), message(8, [number(2, 13)])]);
}
