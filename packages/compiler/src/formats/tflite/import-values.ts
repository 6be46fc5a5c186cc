// The tensors of a file that operators read or write → values of a graph: element types, quantisation, constants as views
// of the file, variables as state. Tensors that cannot be values are counted by reason, so that each is told once.
import type { Issue, Where } from '../../errors.ts';
import type { Role, Value, ValueId } from '../../graph/graph.ts';
import { allocate, type Data, type DType, dataFromBytes, dtypeBytes } from '../../tensor/dtype.ts';
import { elementCount, type Shape, stridesOf } from '../../tensor/shape.ts';
import type { Quantisation, TensorType } from '../../tensor/tensor.ts';
import type { TfliteModel, TfliteTensor } from './model.ts';

const dtypes: Readonly<Record<string, DType>> = {
  FLOAT32: 'f32',
  INT8: 'i8',
  UINT8: 'u8',
  INT16: 'i16',
  INT32: 'i32',
  INT64: 'i64',
  BOOL: 'bool',
};

/** The element type in the graph, if it has one. */
export const dtypeOf = (tensor: TfliteTensor): DType | undefined => dtypes[tensor.type];

const typeHelp: Readonly<Record<string, string>> = {
  FLOAT16: 'convert without float16 quantisation: full int8, or float32',
  BFLOAT16: 'convert to full int8, or float32',
  FLOAT64: 'convert the model in float32',
  INT4: 'convert with 8-bit weights',
  INT2: 'convert with 8-bit weights',
  UINT4: 'convert with 8-bit weights',
  STRING: 'leave the handling of text to the application, before the model',
  COMPLEX64: 'leave Fourier transforms to the application, before the model',
  COMPLEX128: 'leave Fourier transforms to the application, before the model',
  RESOURCE: 'models that keep state in variables are not supported yet',
  VARIANT: 'convert without lists of tensors: unroll loops and recurrent layers',
};

/** Of all variables together: unlike that of constants, their size costs a file nothing. */
const mostStateBytes = 2 ** 22;
const mostDimensions = 8;

/** All values of one subgraph, made as they are asked for. */
export class ImportedValues {
  readonly values: Value[] = [];
  readonly #model: TfliteModel;
  readonly #tensors: readonly TfliteTensor[];
  readonly #file: string | undefined;
  readonly #byTensor = new Map<number, ValueId>();
  readonly #realByTensor = new Map<number, ValueId>();
  /** Names in use, and the number that the next value of the same name may get. */
  readonly #names = new Map<string, number>();
  #stateBytes = 0;
  /** The first issue of each kind, and the number of tensors that have it. */
  readonly #found = new Map<string, { issue: (where: Where) => Issue; tensor: TfliteTensor; count: number }>();

  constructor(model: TfliteModel, tensors: readonly TfliteTensor[], file: string | undefined) {
    this.#model = model;
    this.#tensors = tensors;
    this.#file = file;
  }

  /** The value that stands for a tensor; undefined for an index that stands for none. */
  idOf(index: number, input = false): ValueId | undefined {
    const known = this.#byTensor.get(index);
    const tensor = this.#tensors[index];
    if (known !== undefined || tensor === undefined) return known;
    const type = this.#typeOf(tensor);
    const constant = this.#constantData(tensor, type);
    const role: Role = input
      ? 'input'
      : tensor.isVariable
        ? 'state'
        : constant === undefined
          ? 'temporary'
          : 'constant';
    const data = role === 'state' ? this.#initialState(tensor, type) : role === 'constant' ? constant : undefined;
    const id = this.add({ name: tensor.name || `tensor_${index}`, type, role, ...(data !== undefined && { data }) });
    this.#byTensor.set(index, id);
    return id;
  }

  /** The real numbers that a quantised int8 constant stands for, as a float32 constant; undefined for anything else. */
  realConstant(index: number): ValueId | undefined {
    const known = this.#realByTensor.get(index);
    const tensor = this.#tensors[index];
    if (known !== undefined || tensor?.type !== 'INT8' || tensor.isVariable) return known;
    const type = this.#typeOf(tensor);
    const data = this.#constantData(tensor, type);
    if (data === undefined || !type.quantisation?.scale.every(Number.isFinite)) return undefined;
    const { shape } = type;
    const real: Value = {
      name: tensor.name,
      type: { dtype: 'f32', shape },
      role: 'constant',
      data: dequantised(data, shape, type.quantisation),
    };
    const id = this.add(real);
    this.#realByTensor.set(index, id);
    return id;
  }

  /** Adds a value under a name of its own. */
  add(value: Value): ValueId {
    let { name } = value;
    for (let n = this.#names.get(name) ?? 2; this.#names.has(name); n += 1) {
      name = `${value.name}#${n}`;
      this.#names.set(value.name, n + 1);
    }
    this.#names.set(name, 2);
    return this.values.push({ ...value, name }) - 1;
  }

  /** What makes tensors impossible as values: each reason once, at the first tensor that has it. */
  get issues(): readonly Issue[] {
    return [...this.#found.values()].map(({ issue, tensor, count }) =>
      issue({
        ...this.#where(tensor),
        tensor: count === 1 ? tensor.name : `${tensor.name} and ${count - 1} more`,
      }),
    );
  }

  #where({ name, byte }: TfliteTensor): Where {
    return {
      ...(this.#file !== undefined && { file: this.#file }),
      tensor: name,
      ...(byte !== undefined && { byte }),
    };
  }

  #complain(kind: string, tensor: TfliteTensor, issue: (where: Where) => Issue): void {
    const known = this.#found.get(kind);
    if (known !== undefined) known.count += 1;
    else this.#found.set(kind, { issue, tensor, count: 1 });
  }

  #refuse(tensor: TfliteTensor, what: string, found: string, help?: string): void {
    this.#complain(`${what} ${found}`, tensor, (where) => ({
      code: 'unsupported',
      where,
      what,
      found,
      ...(help !== undefined && { help }),
    }));
  }

  #typeOf(tensor: TfliteTensor): TensorType {
    const { shape, quantization, sparsity } = tensor;
    const dtype = dtypeOf(tensor);
    if (dtype === undefined) this.#refuse(tensor, 'element type', tensor.type, typeHelp[tensor.type]);
    if (sparsity !== undefined) this.#refuse(tensor, 'storage', 'as a sparse tensor', 'convert without sparsity');
    if (quantization?.details !== undefined) {
      const help = 'convert with one scale per tensor or per channel';
      this.#refuse(tensor, 'quantisation', quantization.details.type, help);
    }
    if (shape.length > mostDimensions) {
      this.#refuse(tensor, 'rank', String(shape.length), `at most ${mostDimensions} dimensions`);
    }
    const dimension = openDimension(tensor);
    if (dimension !== undefined) {
      this.#complain('dynamic shape', tensor, (where) => ({
        code: 'dynamic-shape',
        where,
        shape: tensor.shapeSignature ?? shape,
        dimension,
      }));
    }
    const quantisation = dtype === undefined || dtype === 'f32' ? undefined : quantisationOf(tensor);
    return { dtype: dtype ?? 'f32', shape, ...(quantisation !== undefined && { quantisation }) };
  }

  /** Variables start at the real number 0. */
  #initialState(tensor: TfliteTensor, { dtype, shape, quantisation }: TensorType): Data | undefined {
    if (openDimension(tensor) !== undefined) return undefined;
    this.#stateBytes += elementCount(shape) * dtypeBytes[dtype];
    if (this.#stateBytes > mostStateBytes) {
      const found = `[${shape.join(', ')}]`;
      const help = `all variables together may take ${mostStateBytes} bytes`;
      this.#complain('variables', tensor, (where) => ({
        code: 'unsupported',
        where,
        what: 'variable of',
        found,
        help,
      }));
      return undefined;
    }
    const data = allocate(dtype, elementCount(shape));
    return data instanceof BigInt64Array ? data : data.fill(quantisation?.zeroPoint[0] ?? 0);
  }

  #constantData(tensor: TfliteTensor, { dtype, shape }: TensorType): Data | undefined {
    const bytes = this.#model.buffers[tensor.buffer]?.data;
    if (bytes === undefined || bytes.length === 0 || dtypeOf(tensor) === undefined || tensor.sparsity !== undefined) {
      return undefined;
    }
    const wantBytes = elementCount(shape) * dtypeBytes[dtype];
    if (bytes.length !== wantBytes) {
      this.#complain(`bytes of ${tensor.name}`, tensor, (where) => ({
        code: 'bad-value',
        where,
        what: 'bytes of the constant',
        want: String(wantBytes),
        found: String(bytes.length),
      }));
      return undefined;
    }
    return viewOrCopy(dtype, bytes);
  }
}

/** Dimension 0, the batch, may be open in the signature: its size in `shape` is then what the model runs with. */
function openDimension({ shape, shapeSignature = [] }: TfliteTensor): number | undefined {
  const dimension = shape.findIndex(
    (size, i) => !(Number.isInteger(size) && size > 0) || (i > 0 && (shapeSignature[i] ?? size) < 0),
  );
  return dimension < 0 ? undefined : dimension;
}

function quantisationOf({ shape, quantization }: TfliteTensor): Quantisation | undefined {
  const { scale = [], zeroPoint = [], quantizedDimension = 0 } = quantization ?? {};
  const [firstZero] = zeroPoint;
  // The reference takes scales without zero points for no quantisation.
  if (scale.length === 0 || firstZero === undefined) return undefined;
  return {
    scale,
    zeroPoint: zeroPoint.length === scale.length ? zeroPoint : scale.map(() => firstZero),
    // Converters of 2019 give a bias the dimension of its weights (3, in person_detect.tflite); it has only one.
    axis: scale.length === 1 || quantizedDimension >= shape.length ? 0 : quantizedDimension,
  };
}

/** scale * (q - zeroPoint), rounded once. */
function dequantised(data: Data, shape: Shape, { scale, zeroPoint, axis }: Quantisation): Float32Array {
  const inner = stridesOf(shape)[axis] ?? 1;
  return Float32Array.from({ length: data.length }, (_, i) => {
    const channel = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length;
    return (scale[channel] ?? 0) * (Number(data[i]) - (zeroPoint[channel] ?? 0));
  });
}

/** A view of the file where its alignment permits. */
function viewOrCopy(dtype: DType, bytes: Uint8Array): Data {
  const { buffer, byteOffset, length } = bytes;
  // Made anew, because a subclass such as Node's Buffer has a slice() that does not copy.
  const plain = new Uint8Array(buffer, byteOffset, length);
  if (byteOffset % dtypeBytes[dtype] !== 0) return dataFromBytes(dtype, plain);
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer, byteOffset, length / 4);
    case 'i8':
      return new Int8Array(buffer, byteOffset, length);
    case 'u8':
    case 'bool':
      return plain;
    case 'i16':
      return new Int16Array(buffer, byteOffset, length / 2);
    case 'i32':
      return new Int32Array(buffer, byteOffset, length / 4);
    case 'i64':
      return new BigInt64Array(buffer, byteOffset, length / 8);
  }
}
