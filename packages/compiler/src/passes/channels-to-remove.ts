// Which channels can be left out: those that are constants wherever they are read, and so part of a bias, and those that
// nobody reads. Everything is supposed to go at first; what is needed is then kept until nothing changes any more.
import { valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { accumulatorRange, type ChannelRanges, constantOf, intervalOfAll } from './channel-ranges.ts';
import { type Tie, tiesOf } from './channel-ties.ts';
import { allChannels, channelCount } from './channels.ts';
import { type WeightedSums, weightedSums } from './weighted-sums.ts';

/** A node whose output channels are sums over all input channels, with what is known of them. */
export interface Mixing {
  readonly kind: 'mixing';
  readonly sums: WeightedSums;
  /** Whether the output channel needs the input channel as a tensor: it is no constant that a bias could hold. */
  needs(output: number, channel: number): boolean;
  /** A bias that alone gives the output channel's value, where that is always the same. */
  readonly constantBias: readonly (number | undefined)[];
}

/** A node that treats channels side by side. */
export interface SideBySide {
  readonly kind: 'side by side';
  readonly ties: readonly Tie[];
  /** Of a depthwise convolution. */
  readonly sums: WeightedSums | undefined;
}

/** How a node treats channels; undefined for one that needs all there are. */
export type Treatment = Mixing | SideBySide | undefined;

export function treatmentOf(graph: Graph, node: OpNode, ranges: ChannelRanges): Treatment {
  const sums = weightedSums(graph, node);
  const tensors = sums === undefined ? node.inputs : node.inputs.slice(0, 1);
  if ([...tensors, ...node.outputs].some((id) => id === undefined || !ranges.has(id))) return undefined;
  if (node.op === 'conv2d' || node.op === 'fullyConnected') {
    const grouped = sums?.aligned && sums.depth !== channelCount(graph, sums.x);
    return sums === undefined || grouped ? undefined : mixing(sums, ranges);
  }
  if (node.op === 'depthwiseConv2d' && sums === undefined) return undefined;
  const ties = tiesOf(graph, node);
  return ties && { kind: 'side by side', ties, sums };
}

function mixing(sums: WeightedSums, ranges: ChannelRanges): Mixing {
  const { x, outputs, taps, depth, xZero, inside, aligned } = sums;
  const constants = allChannels(depth).map((channel) => (aligned ? constantOf(ranges, x, channel) : undefined));
  const needed = new Uint8Array(outputs * depth);
  for (let output = 0; output < outputs; output += 1) {
    for (let tap = 0; tap < taps; tap += 1) {
      for (let d = 0; d < depth; d += 1) {
        if (sums.weight(output, tap, d) === 0) continue;
        // Where the window leaves the input there is nothing, as if the zero point stood there, and not the constant.
        const inBias = constants[d] !== undefined && (constants[d] === xZero || inside[tap] === true);
        if (!inBias) needed[output * depth + d] = 1;
      }
    }
  }
  const constantBias = allChannels(outputs).map((output) => {
    const constant = constantOf(ranges, sums.y, output);
    const [low] = accumulatorRange(sums, aligned ? ranges.get(x) : undefined, intervalOfAll(ranges, x), output);
    return [low, 0].find((bias) => isInt32(bias) && sums.finish(bias, output) === constant);
  });
  return { kind: 'mixing', sums, constantBias, needs: (output, d) => needed[output * depth + d] === 1 };
}

const isInt32 = (value: number): boolean => value === (value | 0);

/** What becomes of the biases when the channels of x that are gone are folded into them. */
export function foldedBias({ sums }: Mixing, ranges: ChannelRanges, gone: readonly number[], output: number): number {
  const start = sums.bias?.[output] ?? 0;
  return gone.reduce((bias, channel) => {
    const constant = constantOf(ranges, sums.x, channel);
    if (constant === undefined || constant === sums.xZero) return bias;
    let weights = 0;
    for (let tap = 0; tap < sums.taps; tap += 1) weights += sums.weight(output, tap, channel);
    return bias + (constant - sums.xZero) * weights;
  }, start);
}

/** By value, the channels that are left, ascending; values that keep all are not in it. */
export type KeptChannels = ReadonlyMap<number, readonly number[]>;

/** Where a count of channels was a multiple of the number given, so many are left that it still is. */
export function keptChannels(
  graph: Graph,
  treatments: ReadonlyMap<OpNode, Treatment>,
  ranges: ChannelRanges,
  multiple: number,
): KeptChannels {
  const plan = new Plan(graph, treatments, multiple);
  for (;;) {
    plan.settle();
    if (!plan.leaveSome() && !plan.keepWhatOverflows(ranges)) return plan.kept();
  }
}

/** Channels that are to go, fewer with each step. */
class Plan {
  readonly #graph: Graph;
  readonly #treatments: ReadonlyMap<OpNode, Treatment>;
  readonly #backwards: readonly OpNode[];
  /** By value and channel, 1 while it is to go. */
  readonly #going = new Map<number, Uint8Array>();
  readonly #multiple: number;
  #changed = false;

  constructor(graph: Graph, treatments: ReadonlyMap<OpNode, Treatment>, multiple: number) {
    this.#graph = graph;
    this.#treatments = treatments;
    this.#multiple = multiple;
    this.#backwards = [...graph.nodes].reverse();
    for (const node of graph.nodes) {
      if (treatments.get(node) === undefined) continue;
      for (const id of node.outputs)
        if (!graph.outputs.includes(id)) this.#going.set(id, new Uint8Array(channelCount(graph, id)).fill(1));
    }
  }

  #goes(id: number, channel: number): boolean {
    return this.#going.get(id)?.[channel] === 1;
  }

  #keep(id: number, channel: number): void {
    if (!this.#goes(id, channel)) return;
    this.#going.get(id)?.fill(0, channel, channel + 1);
    this.#changed = true;
  }

  #keepAll(id: number | undefined): void {
    const going = this.#going.get(id ?? -1);
    if (going?.includes(1) !== true) return;
    going.fill(0);
    this.#changed = true;
  }

  /** Keeps what is needed by what is kept, until that is all. */
  settle(): void {
    do {
      this.#changed = false;
      for (const node of this.#backwards) this.#settleNode(node);
    } while (this.#changed);
  }

  #settleNode(node: OpNode): void {
    const treatment = this.#treatments.get(node);
    if (treatment === undefined) for (const id of node.inputs) this.#keepAll(id);
    else if (treatment.kind === 'mixing') this.#keepNeeded(treatment);
    else this.#keepTied(node, treatment.ties);
  }

  #keepNeeded({ sums, needs, constantBias }: Mixing): void {
    const { x, y, depth, aligned } = sums;
    const reading = allChannels(sums.outputs).filter(
      (output) => constantBias[output] === undefined && !this.#goes(y, output),
    );
    if (!aligned) this.#keepAll(x);
    else
      for (let channel = 0; channel < depth; channel += 1)
        if (this.#goes(x, channel) && reading.some((output) => needs(output, channel))) this.#keep(x, channel);
  }

  #keepTied(node: OpNode, ties: readonly Tie[]): void {
    node.inputs.forEach((id, input) => {
      if (!ties.some((tie) => tie.input === input)) this.#keepAll(id);
    });
    for (const { input, output, from } of ties) {
      const [x = -1, y = -1] = [node.inputs[input], node.outputs[output]];
      const isConstant = valueAt(this.#graph, x).role === 'constant';
      from.forEach((source, channel) => {
        if (source === undefined || isConstant) return;
        if (!this.#goes(x, source)) this.#keep(y, channel);
        if (!this.#goes(y, channel)) this.#keep(x, source);
      });
    }
  }

  /** A tensor has one channel at least, and a multiple of them if it had. Says whether some had to be kept for that. */
  leaveSome(): boolean {
    this.#changed = false;
    for (const node of this.#graph.nodes) {
      const treatment = this.#treatments.get(node);
      // One scale for all channels of a fully connected layer is rounded otherwise than one scale for each.
      const scales =
        node.op === 'fullyConnected' ? valueAt(this.#graph, node.inputs[1] ?? -1).type.quantisation?.scale : [];
      const least = treatment?.kind === 'mixing' && (scales?.length ?? 0) > 1 ? 2 : 1;
      for (const id of node.outputs) {
        const going = this.#going.get(id);
        if (going === undefined) continue;
        const left = going.reduce((count, one) => count + 1 - one, 0);
        const step = going.length % this.#multiple === 0 ? this.#multiple : 1;
        const wanted = Math.ceil(Math.max(least, left) / step) * step;
        for (let more = left; more < wanted; more += 1) this.#keep(id, going.indexOf(1));
      }
    }
    return this.#changed;
  }

  /** Keeps the constants that would push a bias out of int32. Says whether there are any. */
  keepWhatOverflows(ranges: ChannelRanges): boolean {
    this.#changed = false;
    for (const treatment of this.#treatments.values()) {
      if (treatment?.kind !== 'mixing') continue;
      const { x, y, outputs, depth } = treatment.sums;
      const gone = allChannels(depth).filter((channel) => this.#goes(x, channel));
      const overflows = allChannels(outputs).some(
        (output) =>
          treatment.constantBias[output] === undefined &&
          !this.#goes(y, output) &&
          !isInt32(foldedBias(treatment, ranges, gone, output)),
      );
      if (overflows)
        for (const channel of gone) if (constantOf(ranges, x, channel) !== treatment.sums.xZero) this.#keep(x, channel);
    }
    return this.#changed;
  }

  kept(): KeptChannels {
    const kept = new Map<number, readonly number[]>();
    for (const [id, going] of this.#going)
      if (going.includes(1))
        kept.set(
          id,
          allChannels(going.length).filter((channel) => going[channel] === 0),
        );
    return kept;
  }
}
