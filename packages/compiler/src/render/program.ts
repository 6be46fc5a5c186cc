// What a renderer gets: kernels in execution order with the arena offsets of their arguments, and the ports to the outside.
import type { Kernel } from '../kernel/ir.ts';
import type { Data } from '../tensor/dtype.ts';
import type { TensorType } from '../tensor/tensor.ts';

/** An input or output of the model: its place in the arena, in bytes. */
export interface Port {
  readonly name: string;
  readonly type: TensorType;
  readonly offset: number;
  readonly bytes: number;
}

/** One layer: a kernel call, or nothing where the output shares the bytes of an input. */
export interface Step {
  /** What the layer came from, in a line. */
  readonly note: string;
  readonly kernel: Kernel | undefined;
  /** Arena offsets of the kernel's arguments, in bytes. */
  readonly offsets: readonly number[];
  readonly outputs: readonly { readonly offset: number; readonly bytes: number }[];
}

/** A state value: its place and its first contents (zero bytes when undefined). */
export interface StateSlot {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly data: Data | undefined;
}

export interface Program {
  /** Lower-case C identifier: prefix of everything the generated code exports. */
  readonly prefix: string;
  /** What the model is called, for the reader. */
  readonly title: string;
  readonly steps: readonly Step[];
  readonly arenaBytes: number;
  /** Stretches of the arena's offsets that lie in memories of their own; absent where it lies in one piece. */
  readonly memories?: readonly { readonly name: string; readonly base: number; readonly bytes: number }[];
  /** Alignment of the arena and of every offset that needs one, in bytes. */
  readonly alignment: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly states: readonly StateSlot[];
  /** Multiply-accumulates of one run and bytes of constants, for the header. */
  readonly macs: number;
}
