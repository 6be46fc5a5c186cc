// The windows of a row of outputs side by side in scratch, padding as the zero point. Places are windows, or columns of the input
// that windows share; each has a piece of every row of the window. From a row of outputs to the next the rows that both read are
// moved down by the rows that they no longer share, where that takes less than to gather them again.
import { add, eq, index, int, lt, mul, select, sub } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Operand } from '../ops/op.ts';
import { wholeOutputs } from '../ops/whole-windows.ts';
import { type Axis, alwaysInside, windowOrigin } from '../ops/window.ts';
import { copyPieces, moveBytes, pieceBytes } from '../targets/instructions/arm-mve-copy.ts';
import { inside } from './lane-table.ts';
import type { WeightedLayer } from './weighted-layer.ts';

export interface Gathering {
  /** The columns of the input at each place, as a window. */
  readonly columns: Axis;
  /** Bytes of a place: pieces of so many bytes, a row each. */
  readonly rowBytes: number;
  readonly placeBytes: number;
  readonly bytes: number;
  /** Rows that are gathered for a row of outputs after the first; the others are moved. */
  readonly newRows: number;
  /** About what a row of outputs takes. */
  readonly cost: number;
}

interface Source {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly depth: number;
}

/** A place that reaches over the border: the columns it has inside. */
interface Partial {
  readonly place: number;
  readonly skipped: number;
  readonly column: number;
  readonly count: number;
}

interface Places {
  /** Places wholly inside, from `first` to before `end`. */
  readonly first: number;
  readonly end: number;
  readonly partial: readonly Partial[];
}

function placesOf(columns: Axis): Places {
  const whole = wholeOutputs(columns);
  const some = whole.end > whole.first;
  const [first, end] = some ? [whole.first, whole.end] : [columns.outputs, columns.outputs];
  const partial = Array.from({ length: columns.outputs }, (_, place) => {
    const at = windowOrigin(columns, place);
    const [skipped, until] = [Math.max(0, -at), Math.min(columns.kernel, columns.size - at)];
    return { place, skipped, column: at + skipped, count: until - skipped };
  }).filter(({ place, count }) => (place < first || place >= end) && count > 0);
  return { first, end, partial };
}

const pieces = (bytes: number): number => Math.ceil(bytes / pieceBytes);
/** About what a call of the routines takes, and a piece or 16 bytes in it. */
const [call, perPiece, perMove] = [28, 6, 3];

/** How the places of a layer are best gathered. */
export function gatheringOf({ rows, columns, depth }: Source): Gathering {
  const rowBytes = columns.kernel * depth;
  const placeBytes = rows.kernel * rowBytes;
  const bytes = columns.outputs * placeBytes;
  const { first, end, partial } = placesOf(columns);
  const copies = (count: number, length: number): number =>
    count <= 0 ? 0 : pieces(length) * (call + perPiece * count);
  const inner =
    copies(end - first, rowBytes) + partial.reduce((total, { count }) => total + copies(1, count * depth), 0);
  const padding = copies(first, rowBytes) + copies(columns.outputs - end, rowBytes);
  const again = rows.kernel * inner;
  const moving = call + pieces(bytes) * perMove + rows.stride * (inner + padding);
  const moves = rows.stride < rows.kernel && moving < again;
  return {
    columns,
    rowBytes,
    placeBytes,
    bytes,
    newRows: moves ? rows.stride : rows.kernel,
    cost: moves ? moving : again,
  };
}

/** Gathers the places of one row of outputs after the other. */
export function gatherer(
  k: Writer,
  { rows, depth, xZero }: WeightedLayer,
  { columns, rowBytes, placeBytes, bytes, newRows }: Gathering,
  x: Operand,
): { readonly taps: Region; row(batch: Expr, row: Expr): void } {
  const taps = k.scratch('taps', 'i8', bytes);
  const zeros = k.constant('padding', new Int8Array(pieceBytes).fill(xZero));
  const rowElements = columns.size * depth;
  const { first, end, partial } = placesOf(columns);
  const moves = newRows < rows.kernel;
  /** Copies pieces of any length, `count` of them. */
  const copy = (
    from: { readonly region: Region; readonly at: Expr; readonly step: number },
    to: Expr,
    count: number,
    length: number,
  ): void => {
    for (let start = 0; start < length && count > 0; start += pieceBytes) {
      k.instr(
        copyPieces,
        { region: from.region, at: from.region === x ? add(from.at, start) : from.at },
        { region: taps, at: add(to, start) },
        index(count),
        index(Math.min(pieceBytes, length - start)),
        index(from.step),
        index(placeBytes),
      );
    }
  };
  const pad = (from: number, until: number, to: Expr): void =>
    copy({ region: zeros, at: index(0), step: 0 }, add(to, from * placeBytes), until - from, rowBytes);
  // Unless they are moved, what lies beside the input is the same for all rows.
  if (!moves && (first > 0 || end < columns.outputs)) {
    k.for('filled', 0, bytes, (at) => k.store(taps, at, int(xZero)));
  }
  /** Row ky of all places from row iy of the input. */
  const rowInside = (batch: Expr, iy: Expr, to: Expr): void => {
    if (moves) {
      pad(0, first, to);
      pad(end, columns.outputs, to);
    }
    const row = k.let('x_row', mul(add(mul(batch, rows.size), iy), rowElements));
    if (first < end) {
      const from = { region: x, at: add(row, windowOrigin(columns, first) * depth), step: columns.stride * depth };
      copy(from, add(to, first * placeBytes), end - first, rowBytes);
    }
    for (const { place, skipped, column, count } of partial) {
      const at = add(to, place * placeBytes + skipped * depth);
      copy({ region: x, at: add(row, column * depth), step: 0 }, at, 1, count * depth);
    }
  };
  return {
    taps,
    row: (batch, output) => {
      const origin = sub(mul(output, rows.stride), rows.padBefore);
      let start: Expr = index(0);
      if (moves && rows.outputs > 1) {
        const moved = rows.stride * rowBytes;
        k.if(lt(index(0), output), () =>
          k.instr(moveBytes, { region: taps, at: moved }, { region: taps }, index(bytes - moved)),
        );
        start = k.let('first_row', select(eq(output, index(0)), index(0), index(rows.kernel - newRows)));
      }
      k.for('ky', start, rows.kernel, (ky) => {
        const iy = k.let('in_y', add(origin, ky));
        const to = k.let('to', mul(ky, rowBytes));
        if (alwaysInside(rows)) rowInside(batch, iy, to);
        else
          k.if(
            inside(iy, rows.size),
            () => rowInside(batch, iy, to),
            () => pad(0, columns.outputs, to),
          );
      });
    },
  };
}
