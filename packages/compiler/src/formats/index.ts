// Bytes of any readable format → graph. A format is an entry in the table; files are recognised by their content.
import { CompileError, throwIssues } from '../errors.ts';
import { checkGraph } from '../ops/check-graph.ts';
import type { Graph } from '../ops/index.ts';
import type { Format, ReadOptions } from './format.ts';
import { onnxFormat } from './onnx/onnx.ts';
import { sklearnFormat } from './sklearn/sklearn.ts';
import { tfliteFormat } from './tflite/tflite-format.ts';
import { catboostFormat } from './trees/catboost.ts';
import { lightgbmFormat } from './trees/lightgbm.ts';
import { xgboostFormat } from './trees/xgboost.ts';
import { recogniseFormat } from './wire/recognise-format.ts';

export const formats: readonly Format[] = [
  tfliteFormat,
  xgboostFormat,
  sklearnFormat,
  onnxFormat,
  lightgbmFormat,
  catboostFormat,
];

/**
 * Reads, imports and checks a model. The graph's constants are views of `bytes`, which must not change while it is in
 * use. `file` is its name in messages, and names the graph.
 * @throws CompileError with every issue found
 */
export function readModel(
  bytes: Uint8Array,
  { file, ...options }: ReadOptions & { readonly file?: string } = {},
): Graph {
  // A plain view, because a subclass such as Node's Buffer has a slice() that does not copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = formats.find((one) => one.recognises(plain));
  if (format === undefined) throw notReadable(plain, file);
  const graph = format.read(plain, file, options);
  throwIssues(
    checkGraph(graph).map((issue) => (file === undefined ? issue : { ...issue, where: { file, ...issue.where } })),
  );
  return graph;
}

function notReadable(bytes: Uint8Array, file: string | undefined): CompileError {
  const readable = formats.map(({ name, extensions }) => `${name} (${extensions.join(', ')})`).join(', ');
  const recognised = recogniseFormat(bytes);
  const found = bytes.length === 0 ? 'it is empty' : recognised && `it seems to be ${recognised.what}`;
  const help = recognised?.help === undefined ? '' : `${recognised.help}; `;
  return new CompileError([
    {
      code: 'bad-file',
      where: file === undefined ? {} : { file },
      format: 'model',
      reason: found ?? 'its content is of no known format',
      help: `${help}readable are ${readable}`,
    },
  ]);
}
