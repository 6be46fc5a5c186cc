// Channels are the positions along a tensor's last axis, whatever it is used for.
import { valueAt } from '../graph/graph.ts';
import type { Graph } from '../ops/index.ts';
import type { TensorType } from '../tensor/tensor.ts';

export const channelsOf = ({ shape }: TensorType): number => shape.at(-1) ?? 1;

/** How many channels a value has. */
export const channelCount = (graph: Graph, id: number): number => channelsOf(valueAt(graph, id).type);

/** 0..count-1. */
export const allChannels = (count: number): readonly number[] => Array.from({ length: count }, (_, channel) => channel);

/** A tensor of more channels is not looked into: no network has one, and lists of them would fill the memory. */
export const mostChannels = 2 ** 16;
