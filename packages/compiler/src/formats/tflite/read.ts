// .tflite bytes → plain data. Either the whole model, every index, size and offset in it checked, or one CompileError
// that lists what is wrong. Operators, options and values this schema does not know are passed on by number.

import { FileReport } from '../wire/file-report.ts';
import { decodeFlatbuffer } from '../wire/flatbuffer-decode.ts';
import { recogniseFormat } from '../wire/recognise-format.ts';
import { checkModel } from './check.ts';
import type { TfliteModel } from './model.ts';
import { modelFrom } from './model-from.ts';
import { type TableValue, tfliteSchema } from './schema.ts';

const supportedVersion = 3;

/**
 * The model's constants are views of `bytes`, which must not change while it is in use. `file` is its name in messages.
 * @throws CompileError 'bad-file' or 'dynamic-shape', with the problems of the whole file as far as it can be read
 */
export function readTfliteModel(bytes: Uint8Array, file?: string): TfliteModel {
  const report = new FileReport('TensorFlow Lite', file);
  // Node's Buffer is a Uint8Array with a meaning of its own for some methods; the model holds plain ones.
  bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkIdentity(bytes, report);
  report.throwIfAny();
  const { value, byteOf, problems } = decodeFlatbuffer(bytes, tfliteSchema);
  for (const { path, byte, reason } of problems.kept) report.fault({ byte }, path, reason);
  report.throwIfAny(problems.count - problems.kept.length);
  // Bytes become types: without problems, the decoder has made exactly what the schema's table declares.
  const content = value as TableValue<'Model'>;
  if (content.version !== supportedVersion) {
    report.fault({}, 'version', `schema version ${content.version}, expected ${supportedVersion}`);
    report.throwIfAny();
  }
  const model = modelFrom({ bytes, byteOf, report }, content);
  checkModel(model, report);
  report.throwIfAny();
  return model;
}

function checkIdentity(bytes: Uint8Array, report: FileReport): void {
  const identifier = Array.from(bytes.subarray(4, 8), (code) => String.fromCharCode(code)).join('');
  if (identifier === tfliteSchema.identifier) return;
  const recognised = recogniseFormat(bytes);
  if (recognised !== undefined) report.fault({}, '', `it seems to be ${recognised.what}`, recognised.help);
  else if (bytes.length === 0) report.fault({}, '', 'it is empty');
  else if (bytes.length < 8) report.fault({}, '', `it has only ${bytes.length} bytes`);
  else report.fault({ byte: 4 }, '', `its identifier is not ${tfliteSchema.identifier}`);
}
