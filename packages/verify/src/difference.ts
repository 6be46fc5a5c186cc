// The first place where two executors disagree, and its wording.
import type { Data, Graph } from '@anymote/compiler';
import type { Sample } from './sample-inputs.ts';

export interface Difference {
  readonly sample: string;
  /** Position of the node in the graph. */
  readonly layer: number;
  readonly op: string;
  /** What the node came from in the model's file: `3 (CONV_2D)`. */
  readonly node: string;
  readonly tensor: string;
  /** Which of the node's outputs. */
  readonly output: number;
  /** Position of the element in row-major order, and along each axis. */
  readonly element: number;
  readonly position: readonly number[];
  readonly expected: number | bigint;
  readonly got: number | bigint;
}

/** The first element whose bits differ; undefined where there is none. */
export function firstDifference(expected: Data, got: Data): number | undefined {
  const length = Math.max(expected.length, got.length);
  for (let i = 0; i < length; i += 1) if (!Object.is(expected[i], got[i])) return i;
  return undefined;
}

/** A difference with everything a reader needs to find it. */
export function differenceAt(
  graph: Graph,
  sample: Sample,
  { layer, output, element }: Pick<Difference, 'layer' | 'output' | 'element'>,
  expected: Data,
  got: Data,
): Difference {
  const node = graph.nodes[layer];
  const value = graph.values[node?.outputs[output] ?? -1];
  let rest = element;
  const position = [...(value?.type.shape ?? [])]
    .reverse()
    .map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    })
    .reverse();
  return {
    sample: sample.name,
    layer,
    op: node?.op ?? '',
    node: node?.from.node ?? '',
    tensor: value?.name ?? '',
    output,
    element,
    position,
    expected: expected[element] ?? Number.NaN,
    got: got[element] ?? Number.NaN,
  };
}

/** `layer 3 depthwiseConv2d, node 3 (DEPTHWISE_CONV_2D): element 17 [0, 0, 1, 4] is -5, expected 12 (sample lcg)`. */
export function explainDifference(difference: Difference): string {
  const { sample, layer, op, node, element, position, expected, got, output } = difference;
  const origin = node === '' ? '' : `, node ${node}`;
  const which = output === 0 ? '' : ` of output ${output}`;
  return `layer ${layer} ${op}${origin}: element ${element} [${position.join(', ')}]${which} is ${got}, expected ${expected} (sample ${sample})`;
}
