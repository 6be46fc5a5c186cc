// What a file seems to be, by its first bytes: for the message when it is not what was asked for.

interface Recognised {
  /** Completes "this seems to be …". */
  readonly what: string;
  readonly help?: string;
}

const signatures: readonly (readonly [at: number, text: string, recognised: Recognised])[] = [
  [0, 'PK\x03\x04', { what: 'a zip archive, such as a .keras model, a .task bundle or a PyTorch checkpoint' }],
  [0, '\x89HDF\r\n\x1a\n', { what: 'an HDF5 file, such as a Keras .h5 model' }],
  [0, 'GGUF', { what: 'a GGUF language model' }],
  [0, '\x93NUMPY', { what: 'a NumPy array' }],
  [0, '\x1f\x8b', { what: 'a gzip archive', help: 'unpack it first' }],
  [0, '\x80\x02', { what: 'a Python pickle, such as an old PyTorch checkpoint' }],
  [0, '\x7fELF', { what: 'a compiled program' }],
  [0, 'version https://git-lfs', { what: 'a Git LFS pointer', help: 'fetch the file behind it: git lfs pull' }],
  [4, 'TFL2', { what: 'a TensorFlow Lite file of schema version 2', help: 'convert the model again' }],
  [4, 'TFL1', { what: 'a TensorFlow Lite file of schema version 1', help: 'convert the model again' }],
  [4, 'ORTM', { what: 'an ONNX Runtime .ort file' }],
  [4, 'ET1', { what: 'an ExecuTorch program' }],
];

const texts: readonly (readonly [RegExp, Recognised])[] = [
  [/^\s*<(!doctype|html|\?xml)/i, { what: 'a web page', help: 'the download may have failed' }],
  [/^\s*[[{]/, { what: 'JSON, such as a TensorFlow.js model' }],
  [
    /^[^{]*\bg?_?\w*\[\w*\]\s*(\w+\s*(\([^)]*\)\)?)?\s*)*=\s*\{\s*0x/,
    { what: 'a C array', help: 'give the file from which it was made' },
  ],
];

/** Undefined when nothing is recognised. */
export function recogniseFormat(bytes: Uint8Array): Recognised | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 4096));
  const signature = signatures.find(([at, text]) => start.startsWith(text, at));
  if (signature !== undefined) return signature[2];
  return texts.find(([pattern]) => pattern.test(start))?.[1] ?? recogniseProtobuf(bytes);
}

// Neither has a signature. Both begin with field 1, a varint: SavedModel's schema version, which is 1 and followed by
// field 2 (a graph), or ONNX's version, 3 or more in all files in use, followed by one of its fields 2 to 8.
function recogniseProtobuf(bytes: Uint8Array): Recognised | undefined {
  const [first, version = 0, next = 0] = bytes;
  if (first !== 0x08) return undefined;
  if (version === 1 && next === 0x12) return { what: 'a TensorFlow SavedModel', help: 'convert it to .tflite first' };
  const field = next >> 3;
  return version >= 3 && version < 64 && field >= 2 && field <= 8 ? { what: 'an ONNX model' } : undefined;
}
