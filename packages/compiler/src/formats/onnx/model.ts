// ONNX files as plain data: nodes with attributes, and the types of inputs and outputs. Field numbers are those of onnx.proto.
import { type Field, Protobuf } from '../wire/protobuf.ts';

export interface OnnxTensor {
  readonly dims: readonly number[];
  /** onnx.TensorProto.DataType. */
  readonly type: number;
  readonly numbers: readonly number[];
}

export interface OnnxAttribute {
  readonly float: number;
  readonly integer: number;
  readonly text: string;
  readonly floats: readonly number[];
  readonly integers: readonly number[];
  readonly texts: readonly string[];
  readonly tensor?: OnnxTensor;
}

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
  /** Where it stands in the file. */
  readonly byte: number;
}

export interface OnnxValue {
  readonly name: string;
  /** onnx.TensorProto.DataType; 0 where it is no tensor. */
  readonly type: number;
  /** 0 where a dimension is not fixed. */
  readonly shape: readonly number[];
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Names of constants. */
  readonly initializers: readonly string[];
}

/** @throws ProtobufFault where the bytes are none */
export function readOnnxModel(bytes: Uint8Array): OnnxModel {
  const wire = new Protobuf(bytes);
  let irVersion = 0;
  const nodes: OnnxNode[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const initializers: string[] = [];
  for (const field of wire.fields()) {
    if (field.number === 1 && field.wire === 'varint') irVersion = Number(field.value);
    if (field.number !== 7 || field.wire !== 'bytes') continue;
    for (const part of messages(wire, field)) {
      if (part.number === 1) nodes.push(nodeOf(wire, part));
      else if (part.number === 5) initializers.push(textOf(wire, part, 8));
      else if (part.number === 11) inputs.push(typedValueOf(wire, part));
      else if (part.number === 12) outputs.push(typedValueOf(wire, part));
    }
  }
  return { irVersion, nodes, inputs, outputs, initializers };
}

/** The fields of a message that are bytes. */
function* messages(wire: Protobuf, { start, end }: Field): Generator<Field> {
  for (const field of wire.fields(start, end)) if (field.wire === 'bytes') yield field;
}

function textOf(wire: Protobuf, message: Field, number: number): string {
  for (const field of messages(wire, message)) if (field.number === number) return wire.text(field);
  return '';
}

function nodeOf(wire: Protobuf, message: Field): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let [name, op, domain] = ['', '', ''];
  for (const field of messages(wire, message)) {
    if (field.number === 1) inputs.push(wire.text(field));
    else if (field.number === 2) outputs.push(wire.text(field));
    else if (field.number === 3) name = wire.text(field);
    else if (field.number === 4) op = wire.text(field);
    else if (field.number === 5) attributes.set(textOf(wire, field, 1), attributeOf(wire, field));
    else if (field.number === 7) domain = wire.text(field);
  }
  return { name, op, domain, inputs, outputs, attributes, byte: message.start };
}

function attributeOf(wire: Protobuf, { start, end }: Field): OnnxAttribute {
  const floats: number[] = [];
  const integers: number[] = [];
  const texts: string[] = [];
  let [float, integer, text] = [0, 0, ''];
  let tensor: OnnxTensor | undefined;
  for (const field of wire.fields(start, end)) {
    if (field.number === 2 && field.wire === 'fixed32') float = wire.float(field);
    else if (field.number === 3 && field.wire === 'varint') integer = Number(BigInt.asIntN(64, field.value));
    else if (field.number === 4 && field.wire === 'bytes') text = wire.text(field);
    else if (field.number === 5 && field.wire === 'bytes') tensor = tensorOf(wire, field);
    else if (field.number === 7) wire.addFloats(field, floats);
    else if (field.number === 8) wire.addIntegers(field, integers);
    else if (field.number === 9 && field.wire === 'bytes') texts.push(wire.text(field));
  }
  return { float, integer, text, floats, integers, texts, ...(tensor === undefined ? {} : { tensor }) };
}

const [floatType, uint8Type, int64Type, doubleType] = [1, 2, 7, 11];

function tensorOf(wire: Protobuf, { start, end }: Field): OnnxTensor {
  const dims: number[] = [];
  const numbers: number[] = [];
  let type = 0;
  let raw: Field | undefined;
  for (const field of wire.fields(start, end)) {
    if (field.number === 1) wire.addIntegers(field, dims);
    else if (field.number === 2 && field.wire === 'varint') type = Number(field.value);
    else if (field.number === 4) wire.addFloats(field, numbers);
    else if (field.number === 5 || field.number === 7) wire.addIntegers(field, numbers);
    else if (field.number === 10) wire.addDoubles(field, numbers);
    else if (field.number === 9 && field.wire === 'bytes') raw = field;
  }
  if (raw !== undefined && numbers.length === 0) addRaw(wire, raw, type, numbers);
  return { dims, type, numbers };
}

function addRaw(wire: Protobuf, raw: Field, type: number, to: number[]): void {
  if (type === floatType) wire.addFloats(raw, to);
  else if (type === doubleType) wire.addDoubles(raw, to);
  else if (type === uint8Type) for (const byte of wire.bytes.subarray(raw.start, raw.end)) to.push(byte);
  else if (type === int64Type) {
    const view = new DataView(wire.bytes.buffer, wire.bytes.byteOffset);
    for (let at = raw.start; at + 8 <= raw.end; at += 8) to.push(Number(view.getBigInt64(at, true)));
  }
}

function typedValueOf(wire: Protobuf, message: Field): OnnxValue {
  let name = '';
  let type = 0;
  const shape: number[] = [];
  for (const field of messages(wire, message)) {
    if (field.number === 1) name = wire.text(field);
    if (field.number !== 2) continue;
    for (const tensor of messages(wire, field)) {
      if (tensor.number !== 1) continue;
      for (const part of wire.fields(tensor.start, tensor.end)) {
        if (part.number === 1 && part.wire === 'varint') type = Number(part.value);
        if (part.number !== 2 || part.wire !== 'bytes') continue;
        for (const dimension of messages(wire, part)) {
          let size = 0;
          for (const one of wire.fields(dimension.start, dimension.end))
            if (one.number === 1 && one.wire === 'varint') size = Number(BigInt.asIntN(64, one.value));
          shape.push(size);
        }
      }
    }
  }
  return { name, type, shape };
}
