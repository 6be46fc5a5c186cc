// The conversions that generated headers offer give what the loaded model's predict() does, to the last bit.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { compile, type DType, type Graph, load, type TensorType } from '../packages/compiler/src/index.ts';
import { randomOf } from '../packages/compiler/src/kernel/testing/random.ts';
import { host } from '../packages/compiler/src/targets/host.ts';
import { openWorkspace } from '../packages/verify/src/index.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const gcc = await workspace.execute('gcc', ['--version']).then(
  ({ code }) => code === 0,
  () => false,
);

/** A model whose output is its input, seen in another shape. */
function identity(dtype: DType, elements: number, scale: number, zeroPoint: number): Graph {
  const quantisation = { scale: [Math.fround(scale)], zeroPoint: [zeroPoint], axis: 0 };
  const type = (shape: readonly number[]): TensorType => ({ dtype, shape, quantisation });
  return {
    name: 'identity',
    values: [
      { name: 'x', type: type([elements]), role: 'input' },
      { name: 'y', type: type([1, elements]), role: 'temporary' },
    ],
    nodes: [{ op: 'reshape', attrs: { shape: [1, elements] }, inputs: [0], outputs: [1], from: {} }],
    inputs: [0],
    outputs: [1],
  };
}

/** Real values: multiples of half a step and their neighbours, any size, infinities and NaN. */
function realValues(scale: number): Float32Array {
  const random = randomOf(3);
  const halves = Array.from({ length: 600 }, (_, i) => Math.fround((i - 300) * 0.5 * Math.fround(scale)));
  const neighbours = halves.flatMap((value) => [value * (1 + 2 ** -24), value * (1 - 2 ** -24)]);
  return Float32Array.from([...halves, ...neighbours, ...Array.from({ length: 400 }, () => random.f32())]);
}

it.skipIf(!gcc).each<[DType, number, number]>([
  ['i8', 0.1, -7],
  ['i8', 1 / 255, -128],
  ['u8', 0.0078125, 128],
  ['i16', 0.001, 0],
])('%s of scale %d and zero point %i', async (dtype, scale, zeroPoint) => {
  const values = realValues(scale);
  const graph = identity(dtype, values.length, scale, zeroPoint);
  const { files } = compile(graph, { target: host });
  const words = Array.from(new Int32Array(values.buffer), (word) =>
    word === -2147483648 ? 'INT32_MIN' : String(word),
  );
  const main = `
    #include <stdio.h>
    #include <string.h>
    #include "identity.h"
    static const int32_t words[] = { ${words.join(', ')} };
    int main(void) {
      for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        float value;
        memcpy(&value, &words[i], 4);
        float back = identity_dequantize_output_0(identity_quantize_input_0(value));
        int32_t bits;
        memcpy(&bits, &back, 4);
        printf("%d\\n", (int)bits);
      }
      return 0;
    }
  `;
  const directory = await workspace.newDirectory('header');
  await writeFile(join(directory, 'identity.h'), files.get('identity.h') ?? '');
  await writeFile(join(directory, 'check.c'), main);
  const flags = ['-std=c99', '-Wall', '-Wextra', '-Wconversion', '-Werror', '-O2', '-fsanitize=undefined'];
  const built = await workspace.execute('gcc', [...flags, '-fno-sanitize-recover=all', 'check.c', '-o', 'check'], {
    cwd: directory,
  });
  expect([built.code, built.stderr]).toEqual([0, '']);
  const { code, stdout } = await workspace.execute(join(directory, 'check'), [], { cwd: directory });
  expect(code).toBe(0);
  const got = new Float32Array(Int32Array.from(stdout.trim().split('\n'), Number).buffer);
  const [want] = (await load(graph)).predict(values);
  expect(got).toEqual(want);
});
