// TensorFlow Lite as a format of the table.
import type { Format } from '../format.ts';
import { importTflite } from './import.ts';
import { readTfliteModel } from './read.ts';
import { tfliteSchema } from './schema.ts';

export const tfliteFormat: Format = {
  name: 'TensorFlow Lite',
  extensions: ['.tflite'],
  recognises: (bytes) => tfliteSchema.identifier === String.fromCharCode(...bytes.subarray(4, 8)),
  read: (bytes, file) => importTflite(readTfliteModel(bytes, file), file),
};
