// TensorFlow's strided slices → first position, step and size of each axis: masks, negative positions and positions
// beyond the ends, as the TensorFlow Lite reference resolves them.
import type { StridedSliceAttrs } from '../../ops/strided-slice.ts';
import type { Shape } from '../../tensor/shape.ts';

export interface SliceSpecification {
  /** May be shorter than the shape: what follows is taken whole. */
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
  /** Bit i concerns axis i. */
  readonly beginMask: number;
  readonly endMask: number;
  readonly shrinkAxisMask: number;
}

/** Sizes of 0 and less say that nothing is selected; the operator's own check refuses them. */
export function resolveSlice(shape: Shape, slice: SliceSpecification): StridedSliceAttrs {
  const axes = shape.map((extent, axis) => resolveAxis(extent, axis, slice));
  const isShrunk = (axis: number): boolean => (slice.shrinkAxisMask & (1 << axis)) !== 0;
  return {
    begin: axes.map(({ first }) => first),
    strides: axes.map(({ stride }) => stride),
    sizes: axes.map(({ size }) => size),
    shape: axes.filter((_, axis) => !isShrunk(axis)).map(({ size }) => size),
  };
}

interface ResolvedAxis {
  readonly first: number;
  readonly stride: number;
  readonly size: number;
}

function resolveAxis(extent: number, axis: number, slice: SliceSpecification): ResolvedAxis {
  const [begin, end, stride = 1] = [slice.begin[axis], slice.end[axis], slice.strides[axis]];
  if (begin === undefined || end === undefined) return { first: 0, stride: 1, size: extent };
  const forwards = stride > 0;
  // Backwards, the position before the first element is -1, which is therefore no negative position.
  const [lowest, highest] = forwards ? [0, extent] : [-1, extent - 1];
  const position = (given: number): number => Math.min(Math.max(given < 0 ? given + extent : given, lowest), highest);
  const has = (mask: number): boolean => (mask & (1 << axis)) !== 0;
  const first = has(slice.beginMask) ? (forwards ? 0 : extent - 1) : position(begin);
  if (has(slice.shrinkAxisMask)) return { first, stride: 1, size: forwards && first < extent ? 1 : 0 };
  const last = has(slice.endMask) ? (forwards ? extent : -1) : position(end);
  return { first, stride, size: Math.max(0, Math.ceil((last - first) / stride)) };
}
