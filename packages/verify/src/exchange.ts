// The files the test program reads and writes: a request with the inputs of all inferences, and a reply of tagged
// records. Little-endian 32-bit words throughout. The other side is firmware/harness.c.
import { RunError } from './run-error.ts';
import type { Inference, ProgramShape } from './runner.ts';

export const requestName = 'request.bin';
export const replyName = 'reply.bin';

const magic = 0x31544d41;
const tags = { calibration: 1, reading: 2, output: 3, layer: 4, dump: 5, end: 6, init: 7, marks: 8 } as const;
const noLayer = 0xffffffff;

/** A counter as read: high, low, high again. */
export type CounterWords = readonly [number, number, number];

/** The counter around a call, and where the call left marks. */
export interface Reading {
  readonly before: CounterWords;
  readonly marks: readonly CounterWords[];
  readonly after: CounterWords;
}

export interface Reply {
  readonly outputs: readonly (readonly Uint8Array[])[];
  /** Per inference, a layer's outputs taken together; empty when the model was not compiled for tracing. */
  readonly layers: readonly (readonly { readonly layer: number; readonly bytes: number; readonly crc: number }[])[];
  readonly dump?: Uint8Array;
  /** A call of a function of one instruction, or on the host nothing. */
  readonly calibration: Reading;
  /** A call of a function of two marks, when profiling. */
  readonly markCalibration?: Reading;
  /** The call of the model's init function. */
  readonly init: Reading;
  readonly readings: readonly Reading[];
  readonly stackBytes: readonly number[];
}

/** @throws {RunError} `contract` when an inference's inputs are not what the program takes */
export function encodeRequest(
  runner: string,
  program: ProgramShape,
  inferences: readonly Inference[],
  dumpLayer: number | undefined,
): Uint8Array {
  const head = new Uint8Array(12);
  const words = new DataView(head.buffer);
  words.setUint32(0, magic, true);
  words.setUint32(4, inferences.length, true);
  words.setUint32(8, dumpLayer ?? noLayer, true);
  inferences.forEach((inputs, index) => {
    const found = inputs.map((input) => input.length);
    if (found.length === program.inputBytes.length && found.every((bytes, i) => bytes === program.inputBytes[i]))
      return;
    const want = program.inputBytes.join(', ');
    const detail = `inference ${index} has inputs of [${found.join(', ')}] bytes, the program takes [${want}]`;
    throw new RunError({ code: 'contract', runner, detail });
  });
  return Buffer.concat([head, ...inferences.flat()]);
}

/** @throws {RunError} `contract` when the reply is not whole or not as the program's shape says */
export function decodeReply(runner: string, program: ProgramShape, inferences: number, bytes: Uint8Array): Reply {
  const fail = (detail: string): never => {
    throw new RunError({ code: 'contract', runner, detail });
  };
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const outputs: Uint8Array[][] = [];
  const layers: { layer: number; bytes: number; crc: number }[][] = [[]];
  const readings: Reading[] = [];
  const stackBytes: number[] = [];
  const others: { calibration?: Reading; markCalibration?: Reading; init?: Reading } = {};
  let latest: { before: CounterWords; marks: CounterWords[]; after: CounterWords } | undefined;
  const dump: Uint8Array[] = [];
  let ended = false;

  for (let at = 0; at < bytes.length && !ended; ) {
    if (at + 8 > bytes.length) fail('the reply ends within a record');
    const tag = words.getUint32(at, true);
    const length = words.getUint32(at + 4, true);
    const start = at + 8;
    if (start + length > bytes.length) fail('the reply ends within a record');
    const word = (index: number): number => {
      if (4 * index + 4 > length) fail(`record ${tag} of the reply is too short`);
      return words.getUint32(start + 4 * index, true);
    };
    const reading = (): Reading => {
      latest = { before: [word(0), word(1), word(2)], marks: [], after: [word(3), word(4), word(5)] };
      return latest;
    };
    if (tag === tags.calibration) {
      others[others.calibration === undefined ? 'calibration' : 'markCalibration'] = reading();
    } else if (tag === tags.init) {
      others.init = reading();
    } else if (tag === tags.marks) {
      const marks = latest?.marks ?? fail('marks before any reading');
      for (let i = 0; 4 * i < length; i += 3) marks.push([word(i), word(i + 1), word(i + 2)]);
    } else if (tag === tags.reading) {
      readings.push(reading());
      stackBytes.push(word(6));
      outputs.push([]);
      layers.push([]);
    } else if (tag === tags.output) {
      (outputs.at(-1) ?? fail('an output before any inference')).push(
        new Uint8Array(bytes.subarray(start, start + length)),
      );
    } else if (tag === tags.layer) {
      // Outputs of one layer follow each other, each with the checksum up to and with it.
      const [layer, size, crc] = [word(0), word(1), word(2)];
      const inference = layers.at(-1) ?? [];
      const before = inference.at(-1);
      if (before?.layer === layer) inference[inference.length - 1] = { layer, bytes: before.bytes + size, crc };
      else inference.push({ layer, bytes: size, crc });
    } else if (tag === tags.dump) {
      dump.push(bytes.subarray(start, start + length));
    } else if (tag === tags.end) {
      ended = true;
    } else {
      fail(`unknown record ${tag} in the reply`);
    }
    at = start + length;
  }
  if (!ended || outputs.length !== inferences)
    fail(`the reply ends after ${outputs.length} of ${inferences} inferences`);
  for (const one of outputs)
    if (one.length !== program.outputBytes.length || one.some((output, i) => output.length !== program.outputBytes[i]))
      fail(
        `outputs of [${one.map((output) => output.length).join(', ')}] bytes, not [${program.outputBytes.join(', ')}]`,
      );
  return {
    outputs,
    layers: layers.slice(0, inferences),
    ...(dump.length === 0 ? {} : { dump: joined(dump) }),
    ...others,
    calibration: others.calibration ?? fail('the reply has no calibration'),
    init: others.init ?? fail('the reply has no init'),
    readings,
    stackBytes,
  };
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** The checksums of each inference in layer order. @throws {RunError} `contract` when a layer was not reported, or again after another */
export function layerCrcs(runner: string, program: ProgramShape, reply: Reply): readonly (readonly number[])[] {
  return reply.layers.map((reports) => {
    const crcs = new Map(reports.map(({ layer, crc }) => [layer, crc]));
    const expected = Array.from({ length: program.layerCount }, (_, layer) => layer);
    const wrong = expected.find((layer) => !crcs.has(layer));
    if (wrong !== undefined || reports.length !== program.layerCount) {
      const detail =
        wrong === undefined
          ? `${reports.length} layer reports from a program of ${program.layerCount} layers`
          : `layer ${wrong} of ${program.layerCount} was not reported`;
      throw new RunError({ code: 'contract', runner, detail });
    }
    return expected.map((layer) => crcs.get(layer)!);
  });
}
