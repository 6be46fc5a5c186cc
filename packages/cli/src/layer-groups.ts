// Layers as people count them: what is computed by rows is one layer in several parts, with the copies between them.

export interface Part {
  readonly op: string;
  /** Position of the model's node that computes the same; below 0 where rows of an input are copied. */
  readonly modelLayer: number;
}

export interface LayerGroup<Layer extends Part> {
  /** What it does: the operator of its parts, not of the copies. */
  readonly op: string;
  /** Its parts and copies, and their positions. */
  readonly parts: readonly Layer[];
  readonly positions: readonly number[];
  /** Parts that compute. */
  readonly computed: number;
}

/** Operators that bring rows to where they are needed. */
const copies: ReadonlySet<string> = new Set(['stridedSlice', 'concatenation']);

/** All layers in the order of their first parts; most have one. */
export function groupsOf<Layer extends Part>(layers: readonly Layer[]): readonly LayerGroup<Layer>[] {
  const byModelLayer = new Map<number, number[]>();
  layers.forEach(({ modelLayer }, position) => {
    byModelLayer.set(modelLayer, [...(byModelLayer.get(modelLayer) ?? []), position]);
  });
  return [...byModelLayer.values()].map((positions) => {
    const parts = positions.flatMap((position) => layers[position] ?? []);
    const own = parts.filter(({ op }) => !copies.has(op));
    const computing = own.length > 0 ? own : parts;
    return { op: computing[0]?.op ?? '', parts, positions, computed: computing.length };
  });
}

/** `3`, or `3–27` where parts lie between those of other layers. */
export function rangeOf({ positions }: LayerGroup<Part>): string {
  const [first = 0] = positions;
  const last = positions.at(-1) ?? first;
  return first === last ? String(first) : `${first}–${last}`;
}

/** `conv2d`, or `conv2d in 6 parts`. */
export const nameOf = ({ op, computed }: LayerGroup<Part>): string =>
  computed > 1 ? `${op} in ${computed} parts` : op;

/** A sum over the parts. */
export const sumOf = <Layer extends Part>({ parts }: LayerGroup<Layer>, of: (part: Layer) => number): number =>
  parts.reduce((total, part) => total + of(part), 0);

/** The most of any part. */
export const mostOf = <Layer extends Part>({ parts }: LayerGroup<Layer>, of: (part: Layer) => number): number =>
  Math.max(0, ...parts.map(of));

/** The loops of the parts that compute: one name, nearly always. */
export const loopsOf = ({ op, parts }: LayerGroup<Part & { readonly tactic: string }>): string =>
  [...new Set(parts.filter((part) => part.op === op).map(({ tactic }) => tactic))].join(', ');
