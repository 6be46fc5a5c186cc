// One operator of a file as the table of conversions reads it: its options, shapes and constant inputs, each with an
// issue where it is missing or not of the kind expected. Every reader that finds nothing has said why.
import type { Issue, Where } from '../../errors.ts';
import type { Activation } from '../../ops/quantised.ts';
import { resolveAxis } from '../../tensor/shape.ts';
import type { TfliteModel, TfliteOperator, TfliteOptions, TfliteTensor } from './model.ts';
import type { EnumName } from './schema.ts';

type OptionsName = Exclude<TfliteOptions['type'], `UNKNOWN_${number}`>;
export type OptionsOf<Type extends OptionsName> = Extract<TfliteOptions, { readonly type: Type }>;

const activations: Readonly<Record<string, Activation>> = {
  NONE: 'none',
  RELU: 'relu',
  RELU_N1_TO_1: 'reluN1To1',
  RELU6: 'relu6',
};

export class OperatorReader {
  readonly source: TfliteOperator;
  readonly where: Where;
  readonly issues: Issue[] = [];
  readonly #model: TfliteModel;
  readonly #tensors: readonly TfliteTensor[];

  constructor(model: TfliteModel, tensors: readonly TfliteTensor[], operator: TfliteOperator, where: Where) {
    this.#model = model;
    this.#tensors = tensors;
    this.source = operator;
    this.where = where;
  }

  /** A thing in a form that is not supported. */
  refuse(what: string, found: string, help?: string): void {
    this.issues.push({ code: 'unsupported', where: this.where, what, found, ...(help !== undefined && { help }) });
  }

  /** A value that contradicts the operator's definition. */
  contradict(what: string, want: string, found: string): void {
    this.issues.push({ code: 'bad-value', where: this.where, what, want, found });
  }

  /** The options, which must be there. */
  options<Type extends OptionsName>(type: Type): OptionsOf<Type> | undefined {
    const options = this.optional(type);
    if (options === undefined && this.issues.length === 0) this.contradict('options', type, 'none');
    return options;
  }

  /** The options of an operator that may do without. */
  optional<Type extends OptionsName>(type: Type): OptionsOf<Type> | undefined {
    const { options } = this.source;
    if (options === undefined) return undefined;
    if (isOptions(options, type)) return options;
    this.contradict('options', type, options.type);
    return undefined;
  }

  /** A fused activation; absent is none. */
  activation(name: EnumName<'ActivationFunctionType'> = 'NONE'): Activation | undefined {
    const activation = activations[name];
    if (activation === undefined) {
      this.refuse('fused activation', name, 'make it a layer of its own, or use RELU, RELU6 or RELU_N1_TO_1');
    }
    return activation;
  }

  /** Whether an optional input is given. */
  has(position: number): boolean {
    return (this.source.inputs[position] ?? -1) >= 0;
  }

  input(position: number): TfliteTensor | undefined {
    const tensor = this.#tensors[this.source.inputs[position] ?? -1];
    if (tensor === undefined) this.contradict('inputs', `${position + 1} or more`, String(this.source.inputs.length));
    return tensor;
  }

  output(position: number): TfliteTensor | undefined {
    const tensor = this.#tensors[this.source.outputs[position] ?? -1];
    if (tensor === undefined) {
      this.contradict('outputs', `${position + 1} or more`, String(this.source.outputs.length));
    }
    return tensor;
  }

  /** The bytes of a constant input; `what` completes "… computed at run time". */
  bytes(position: number, what: string): Uint8Array | undefined {
    const tensor = this.input(position);
    if (tensor === undefined) return undefined;
    const data = this.#model.buffers[tensor.buffer]?.data;
    if (data !== undefined && data.length > 0 && !tensor.isVariable) return data;
    if (tensor.shape.includes(0)) return new Uint8Array(0);
    this.refuse(`${what} computed at run time,`, tensor.name, 'it must be a constant: convert with fixed input shapes');
    return undefined;
  }

  /** The elements of a constant input of whole numbers. */
  integers(position: number, what: string): readonly number[] | undefined {
    const data = this.bytes(position, what);
    const type = this.input(position)?.type;
    if (data === undefined) return undefined;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (type === 'INT32') {
      return Array.from({ length: data.length >> 2 }, (_, i) => view.getInt32(4 * i, true));
    }
    if (type === 'INT64') {
      return Array.from({ length: data.length >> 3 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
    }
    this.contradict(`type of the ${what}`, 'INT32 or INT64', String(type));
    return undefined;
  }

  /** A constant input of one axis of a tensor, negative ones counted from the end. */
  axis(position: number, rank: number): number | undefined {
    const [axis] = this.integers(position, 'axis') ?? [];
    return axis === undefined ? this.#noAxis(position) : this.resolve(axis, rank);
  }

  resolve(axis: number, rank: number): number | undefined {
    const resolved = resolveAxis(axis, rank);
    if (resolved === undefined) {
      this.contradict('axis', rank === 0 ? 'a tensor with dimensions' : `${-rank}..${rank - 1}`, String(axis));
    }
    return resolved;
  }

  #noAxis(position: number): undefined {
    if (this.issues.length === 0) this.contradict('axis', 'one number', `input ${position} without elements`);
    return undefined;
  }
}

const isOptions = <Type extends OptionsName>(options: TfliteOptions, type: Type): options is OptionsOf<Type> =>
  options.type === type;
