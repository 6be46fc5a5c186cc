// averagePool2d, maxPool2d and mean of int8 by routines of the target (targets/instructions/int8-routines.ts): a call takes a row
// of windows that lie inside the input, or one window at a border, with all its channels.
import { valueAt } from '../graph/graph.ts';
import { add, index, int, mul, sub } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { AnyOp, Graph, OpNode } from '../ops/index.ts';
import { joinAxes } from '../ops/joined-axes.ts';
import { keptShape, meanFinish } from '../ops/mean.ts';
import type { Named, Operand } from '../ops/op.ts';
import type { PoolAttrs } from '../ops/pool.ts';
import { quantisedActivationRange } from '../ops/quantised.ts';
import { wholeOutputs } from '../ops/whole-windows.ts';
import { alwaysInside, tapsInside, windowAxes } from '../ops/window.ts';
import { mostPooled, type PoolKind, poolBlock, poolInstr, poolName } from '../targets/instructions/int8-routines.ts';
import type { Target } from '../targets/target.ts';
import { averageFactor } from '../tensor/narrow-step.ts';
import { stridesOf } from '../tensor/shape.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import type { Tactic } from './tactic.ts';

export const int8Pool: Tactic = {
  name: 'int8-pool',
  note: 'pools of int8 by shared routines, eight channels at a time and more',
  lowering(graph, node, target) {
    if (node.op === 'mean') return meanLowering(graph, node, target);
    if (node.op !== 'averagePool2d' && node.op !== 'maxPool2d') return undefined;
    const kind = node.op === 'maxPool2d' ? 'max' : 'average';
    const types = typesOf(graph, node);
    if (types === undefined || target.spellings[poolName(kind)] === undefined) return undefined;
    const { attrs } = node;
    const [low, high] = quantisedActivationRange(attrs.activation, types.y);
    const elements = attrs.kernelH * attrs.kernelW;
    const [, , , channels = 0] = types.x.shape;
    const summed = kind === 'max' || (elements >= 2 && elements <= mostPooled);
    if (low > -128 || high < 127 || channels % poolBlock !== 0 || !summed) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as Named<readonly ['x'], Operand>;
      writePool(k, { kind, x, y, attrs });
    };
  },
};

/** Input and output of a node whose input is computed; undefined unless both are int8. */
function typesOf(graph: Graph, node: OpNode): { readonly x: TensorType; readonly y: TensorType } | undefined {
  const [x, y] = [...node.inputs, ...node.outputs].map((id) => valueAt(graph, id ?? -1));
  if (x === undefined || y === undefined || x.role === 'constant') return undefined;
  return x.type.dtype === 'i8' && y.type.dtype === 'i8' ? { x: x.type, y: y.type } : undefined;
}

interface Pool {
  readonly kind: Exclude<PoolKind, 'sum'>;
  readonly x: Operand;
  readonly y: Operand;
  readonly attrs: PoolAttrs;
}

/** A stretch of windows: their size, and where their first element and their first output stand. */
interface Windows {
  readonly rows: Expr;
  readonly columns: Expr;
  readonly from: Expr;
  readonly to: Expr;
  readonly outputs: number;
}

function writePool(k: Writer, { kind, x, y, attrs }: Pool): void {
  const [rows, columns] = windowAxes(x.tensor.shape, attrs.kernelH, attrs.kernelW, attrs);
  const [batches = 0, , , channels = 0] = x.tensor.shape;
  /** By the elements of a window; those at borders have fewer. */
  const factors = (): Region =>
    k.constant(
      'factors',
      Int32Array.from({ length: rows.kernel * columns.kernel }, (_, i) => averageFactor(i + 1)),
    );
  const partial = kind === 'average' && !(alwaysInside(rows) && alwaysInside(columns)) ? factors() : undefined;
  const call = (windows: Windows): void => {
    const { rows: high, columns: wide, from, to, outputs } = windows;
    const count = mul(high, wide);
    const factor = (): Expr =>
      count.kind === 'const' || partial === undefined
        ? int(averageFactor(count.kind === 'const' ? Number(count.value) : 1))
        : k.load(partial, sub(count, 1));
    // Rows as wide as the input lie one behind the other.
    const merged = wide.kind === 'const' && Number(wide.value) === columns.size;
    k.instr(
      poolInstr(kind),
      { region: x, at: from },
      { region: y, at: to },
      index(channels),
      merged ? index(1) : high,
      merged ? count : wide,
      merged ? index(0) : mul(sub(index(columns.size), wide), channels),
      index(outputs),
      index(columns.stride * channels),
      ...(kind === 'average' ? [factor()] : []),
    );
  };
  k.for('batch', 0, batches, (n) => {
    k.for('out_y', 0, rows.outputs, (oy) => {
      const ky = tapsInside(k, 'ky', rows, oy);
      const high =
        ky.first.kind === 'const' && ky.end.kind === 'const'
          ? sub(ky.end, ky.first)
          : k.let('rows', sub(ky.end, ky.first));
      const xRow = k.let('x_row', mul(add(add(mul(n, rows.size), ky.origin), ky.first), columns.size * channels));
      const yRow = k.let('y_row', mul(add(mul(n, rows.outputs), oy), columns.outputs * channels));
      const across = (ox: Expr, outputs: number, wide: Expr, column: Expr): void =>
        call({
          rows: high,
          columns: wide,
          from: add(xRow, mul(column, channels)),
          to: add(yRow, mul(ox, channels)),
          outputs,
        });
      const border = (first: number, end: number): void =>
        k.for('out_x', first, end, (ox) => {
          const kx = tapsInside(k, 'kx', columns, ox);
          across(ox, 1, sub(kx.end, kx.first), add(kx.origin, kx.first));
        });
      const { first, end } = wholeOutputs(columns);
      if (first >= end) {
        border(0, columns.outputs);
        return;
      }
      border(0, first);
      across(index(first), end - first, index(columns.kernel), index(first * columns.stride - columns.padBefore));
      border(end, columns.outputs);
    });
  });
}

/** The mean over axes that lie side by side, with what remains behind them: sums by the routine, then one by one to the output. */
function meanLowering(graph: Graph, node: OpNode, target: Target): AnyOp['lower'] | undefined {
  const types = typesOf(graph, node);
  if (node.op !== 'mean' || types === undefined || target.spellings[poolName('sum')] === undefined) return undefined;
  const { shape } = types.x;
  const kept = keptShape(shape, node.attrs);
  const strides = stridesOf(kept).map((stride, axis) => (kept[axis] === shape[axis] ? stride : 0));
  const axes = joinAxes(shape, [stridesOf(shape), strides]);
  const [channels, reduced, batch, ...others] = [...axes].reverse();
  const count = reduced?.size ?? 0;
  const fits =
    others.length === 0 &&
    channels?.strides[0] === 1 &&
    channels.strides[1] === 1 &&
    channels.size % poolBlock === 0 &&
    reduced?.strides[1] === 0 &&
    count <= mostPooled &&
    batch?.strides[1] !== 0;
  if (!fits) return undefined;
  return (k, inputs, _attrs, [y]) => {
    const { x } = inputs as Named<readonly ['x'], Operand>;
    const sums: Region = k.scratch('sums', 'i16', channels.size);
    const { start, finish } = meanFinish(types.x, types.y, count);
    k.for('batch', 0, batch?.size ?? 1, (n) => {
      const yRow = k.let('y_row', mul(n, channels.size));
      const sizes = [channels.size, 1, count, 0, 1, 0].map(index);
      k.instr(poolInstr('sum'), { region: x, at: mul(n, count * channels.size) }, { region: sums }, ...sizes);
      k.for('c', 0, elementsOf({ ...types.y, shape: [channels.size] }), (c) => {
        const sum = k.let('sum', add(k.load(sums, c), start));
        k.store(y, add(yRow, c), finish(sum));
      });
    });
  };
}
