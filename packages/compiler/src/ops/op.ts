// What an operator is: its shape rule, its slow definition, its loops. One file per operator; `index.ts` lists them.
import type { Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Data } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import type { Tensor, TensorType } from '../tensor/tensor.ts';

/** Inputs by name: `x` is required, `bias?` may be absent, `xs*` takes all that remain. */
export type Named<Names extends readonly string[], T> = {
  readonly [K in Names[number] as K extends `${string}?` | `${string}*` ? never : K]: T;
} & {
  readonly [K in Names[number] as K extends `${infer Base}?` ? Base : never]?: T;
} & {
  readonly [K in Names[number] as K extends `${infer Base}*` ? Base : never]: readonly T[];
};

/** Every operator has at least one output. */
export type Outputs<T> = readonly [T, ...T[]];

/** A tensor as a kernel sees it: its memory and its type. A constant's elements are known while lowering. */
export interface Operand extends Region {
  readonly tensor: TensorType;
}

/** Complains about a node: what, what was expected, what was found, and what would help. */
export type Complain = (what: string, want: string, found: string, help?: string) => void;

export interface Op<Name extends string, Names extends readonly string[], Attrs extends object> {
  readonly name: Name;
  /** Names of the inputs, in the order nodes list them. */
  readonly inputs: Names;
  /**
   * The output shapes, from types and attributes; complains of everything that `evaluate` and `lower` could not handle
   * (types, ranks, quantisation), so that these need no checks. The graph checker compares with the declared shapes.
   */
  infer(
    inputs: Named<Names, TensorType>,
    attrs: Attrs,
    outputs: Outputs<TensorType>,
    complain: Complain,
  ): readonly Shape[];
  /** The definition: slow, obvious, written without looking at the loops. Integer results are the reference's to the last bit. */
  evaluate(inputs: Named<Names, Tensor>, attrs: Attrs, outputs: Outputs<TensorType>): readonly Data[];
  /** The loops, specialised for these shapes, scales and constants. */
  lower(k: Writer, inputs: Named<Names, Operand>, attrs: Attrs, outputs: Outputs<Operand>): void;
  /** Inputs whose memory the first output may take over: each element is read for the last time before it is written. */
  inPlace?(inputs: Named<Names, TensorType>, attrs: Attrs, outputs: Outputs<TensorType>): readonly string[];
  /** Where each output lies in the first input, in elements, if they are runs of its elements: sharing its memory needs no code. */
  outputsWithin?(
    inputs: Named<Names, TensorType>,
    attrs: Attrs,
    outputs: Outputs<TensorType>,
  ): readonly number[] | undefined;
  /** Where each input lies in the first output, in elements, likewise. */
  inputsWithin?(
    inputs: Named<Names, TensorType>,
    attrs: Attrs,
    outputs: Outputs<TensorType>,
  ): readonly number[] | undefined;
  /** Multiply-accumulates of one evaluation. */
  macs?(inputs: Named<Names, TensorType>, attrs: Attrs, outputs: Outputs<TensorType>): number;
}

/** How far some loops let a node's first output overlap an input that is not needed afterwards. */
export interface Overlap {
  /** Position among the node's inputs. */
  readonly input: number;
  /** The output may begin so many bytes before the input, or more: writing then never catches up with reading. */
  readonly leadBytes: number;
  /** The output may begin where the input does, whatever the lead. */
  readonly sameStart: boolean;
}

/** Keeps the literal types of an operator's description. */
export const defineOp = <Name extends string, const Names extends readonly string[], Attrs extends object>(
  op: Op<Name, Names, Attrs>,
): Op<Name, Names, Attrs> => op;

/** Puts a node's input list under the operator's names. */
export function nameInputs<T>(names: readonly string[], list: readonly (T | undefined)[]): Named<readonly string[], T> {
  const named: Record<string, T | readonly T[]> = {};
  names.forEach((name, i) => {
    const base = name.replace(/[?*]$/, '');
    if (name.endsWith('*')) named[base] = list.slice(i).filter((item) => item !== undefined);
    else {
      const item = list[i];
      if (item !== undefined) named[base] = item;
    }
  });
  // Where the names are not known statically, TypeScript cannot see that only names with a star hold lists.
  return named as Named<readonly string[], T>;
}
