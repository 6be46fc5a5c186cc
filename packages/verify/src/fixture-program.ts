// A model written by hand to the contract of generated C, for the tests of the runners: an int8 dense layer on its
// state, reported as two outputs, and a clip. The TypeScript below says what it must give.
import { crc32 } from './crc32.ts';
import type { CProgram } from './runner.ts';

const columns = 16;
const rows = 5;
const weights = Array.from({ length: rows * columns }, (_, i) => ((i * 37 + 11) % 255) - 127);

/** C of the model; `work` is put into the run function, to make it slow, hang or fault. */
export function fixtureProgram(options: { readonly work?: string; readonly arenaBytes?: number } = {}): CProgram {
  const header = [
    '#ifndef TINY_H',
    '#define TINY_H',
    '#include <stdint.h>',
    '#ifdef __cplusplus',
    'extern "C" {',
    '#endif',
    `#define TINY_ARENA_BYTES ${options.arenaBytes ?? 64}`,
    '#define TINY_INPUT_COUNT 2',
    `#define TINY_INPUT_0_BYTES ${columns}`,
    '#define TINY_INPUT_1_BYTES 4',
    '#define TINY_OUTPUT_COUNT 1',
    `#define TINY_OUTPUT_0_BYTES ${rows}`,
    'typedef struct {',
    '    uint8_t arena[TINY_ARENA_BYTES];',
    '    float gain;',
    '    int32_t memory;',
    '} tiny_t;',
    'void tiny_init(tiny_t *self);',
    'void *tiny_input(tiny_t *self, unsigned index);',
    'void tiny_run(tiny_t *self);',
    'const void *tiny_output(const tiny_t *self, unsigned index);',
    '#ifdef __cplusplus',
    '}',
    '#endif',
    '#endif',
    '',
  ];
  const source = [
    '#include "tiny.h"',
    '#include <string.h>',
    '#ifndef TINY_ON_LAYER',
    '#define TINY_ON_LAYER(layer, data, bytes) ((void)0)',
    '#else',
    'extern void TINY_ON_LAYER(unsigned layer, const void *data, uint32_t bytes);',
    '#endif',
    `static const int8_t weights[${rows * columns}] = {${weights.join(', ')}};`,
    'static const int8_t limits[2] = {-100, 100};',
    'void tiny_init(tiny_t *self) { self->memory = 3; }',
    'void *tiny_input(tiny_t *self, unsigned index) { return index == 0 ? (void *)self->arena : (void *)&self->gain; }',
    'const void *tiny_output(const tiny_t *self, unsigned index) { (void)index; return self->arena + 48; }',
    'void tiny_run(tiny_t *self)',
    '{',
    '    const int8_t *x = (const int8_t *)self->arena;',
    '    int8_t *hidden = (int8_t *)self->arena + 32, *y = (int8_t *)self->arena + 48;',
    `    for (int row = 0; row < ${rows}; row++) {`,
    '        int32_t sum = self->memory;',
    `        for (int k = 0; k < ${columns}; k++)`,
    `            sum += weights[row * ${columns} + k] * x[k];`,
    '        float scaled = (float)sum * self->gain;',
    '        hidden[row] = (int8_t)(int32_t)scaled;',
    '    }',
    '    TINY_ON_LAYER(0, hidden, 2);',
    `    TINY_ON_LAYER(0, hidden + 2, ${rows - 2});`,
    options.work ?? '',
    `    memset(self->arena, 0, ${columns});`,
    `    for (int row = 0; row < ${rows}; row++) {`,
    '        int8_t value = hidden[row];',
    '        y[row] = value < limits[0] ? limits[0] : value > limits[1] ? limits[1] : value;',
    '    }',
    `    TINY_ON_LAYER(1, y, ${rows});`,
    '    self->memory += y[0];',
    '}',
    '',
  ];
  return {
    prefix: 'tiny',
    files: new Map([
      ['tiny.h', header.join('\n')],
      ['tiny.c', source.join('\n')],
    ]),
    inputBytes: [columns, 4],
    outputBytes: [rows],
    layerCount: 2,
  };
}

/** Inferences for the model; gains small enough that every scaled sum fits int8. */
export function fixtureInferences(count: number): Uint8Array[][] {
  return Array.from({ length: count }, (_, n) => {
    const x = Uint8Array.from({ length: columns }, (_, k) => (k * 53 + n * 29 + 7) & 255);
    const gain = new Uint8Array(Float32Array.of(0.001 + n * 0.00001).buffer);
    return [x, gain];
  });
}

/** What the model must give. */
export function fixtureExpected(inferences: readonly (readonly Uint8Array[])[]): {
  outputs: Uint8Array[][];
  layerCrcs: number[][];
  layer0: Uint8Array;
} {
  let memory = 3;
  const outputs: Uint8Array[][] = [];
  const layerCrcs: number[][] = [];
  let layer0 = new Uint8Array();
  for (const [x, gainBytes] of inferences) {
    const gain = new Float32Array(gainBytes!.slice().buffer)[0]!;
    const hidden = Int8Array.from({ length: rows }, (_, row) => {
      let sum = memory;
      for (let k = 0; k < columns; k++) sum += weights[row * columns + k]! * ((x![k]! << 24) >> 24);
      return Math.trunc(Math.fround(Math.fround(sum) * gain));
    });
    const y = hidden.map((value) => Math.max(-100, Math.min(100, value)));
    memory += y[0]!;
    if (outputs.length === 0) layer0 = new Uint8Array(hidden.buffer.slice(0));
    outputs.push([new Uint8Array(y.buffer)]);
    layerCrcs.push([crc32(new Uint8Array(hidden.buffer)), crc32(new Uint8Array(y.buffer))]);
  }
  return { outputs, layerCrcs, layer0 };
}
