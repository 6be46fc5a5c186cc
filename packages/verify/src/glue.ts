// The small C file that ties a model's generated interface to the test program, and the flags a model is compiled with.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CProgram, ProgramShape, RunOptions } from './runner.ts';

/** The folder of the C sources of the test program. */
export const firmwareDirectory = fileURLToPath(new URL('../firmware/', import.meta.url));

/** Generated C must be silent under these. */
export const strictFlags = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror'] as const;

/** How C is optimised unless something else is asked for. */
export const defaultOptimise: readonly string[] = ['-O2'];

/** The glue's file name; no prefix is spelled so. */
export const glueName = 'anymote-glue.c';

/** How a model's own files are compiled: strictly, and with f32 arithmetic never contracted. */
export function modelFlags(program: CProgram, options: RunOptions): string[] {
  const trace = options.trace === true || options.dumpLayer !== undefined;
  return [
    ...strictFlags,
    '-ffp-contract=off',
    ...(options.optimise ?? defaultOptimise),
    ...(trace ? [`-D${program.prefix.toUpperCase()}_ON_LAYER=harness_on_layer`] : []),
    ...(options.profile === true ? profileFlags(program) : []),
  ];
}

/** A mark after every layer, as firmware/mark.h says. */
const profileFlags = ({ prefix }: CProgram): string[] => [
  `-D${prefix.toUpperCase()}_ON_LAYER=HARNESS_MARK`,
  '-include',
  join(firmwareDirectory, 'mark.h'),
];

/** Marks that a profiled inference leaves: one for each output of each layer. */
export const markCount = ({ layerCount, layerOutputs }: ProgramShape): number =>
  layerOutputs?.reduce((total, outputs) => total + outputs, 0) ?? layerCount;

/** The C sources of a program, by file name. */
export function sourceNames(program: CProgram): string[] {
  return [...program.files.keys()].filter((name) => name.endsWith('.c'));
}

/** The glue's text. Byte counts that differ from the header's are compile errors. */
export function renderGlue(program: CProgram, { profile = false }: RunOptions = {}): string {
  const { prefix } = program;
  const upper = prefix.toUpperCase();
  const claims = (role: string, sizes: readonly number[]): string[] => [
    `CLAIM(${role.toLowerCase()}_count, ${upper}_${role}_COUNT == ${sizes.length});`,
    ...sizes.map((bytes, i) => `CLAIM(${role.toLowerCase()}_${i}, ${upper}_${role}_${i}_BYTES == ${bytes});`),
  ];
  const sizes = (role: string, bytes: readonly number[]): string =>
    `static const uint32_t ${role}_bytes[] = {${[...bytes, 0].join(', ')}};`;
  return [
    '/* Ties the model to the test program. */',
    `#include "${prefix}.h"`,
    '#include "anymote-harness.h"',
    '',
    '#define CLAIM(name, holds) typedef char claim_##name[(holds) ? 1 : -1]',
    ...claims('INPUT', program.inputBytes),
    ...claims('OUTPUT', program.outputBytes),
    '',
    ...instanceOf(program),
    sizes('input', program.inputBytes),
    sizes('output', program.outputBytes),
    '',
    `static void *input(unsigned index) { return ${prefix}_input(&model, index); }`,
    `static const void *output(unsigned index) { return ${prefix}_output(&model, index); }`,
    '#ifdef HARNESS_HOST',
    `static void init(void *state) { ${prefix}_init((${prefix}_t *)state); }`,
    `static void run(void *state) { ${prefix}_run((${prefix}_t *)state); }`,
    '#else',
    '/* Called from assembly, so only the calling convention matters, and nothing but the model is counted. */',
    `#define init ((void (*)(void *))${prefix}_init)`,
    `#define run ((void (*)(void *))${prefix}_run)`,
    '#endif',
    '',
    // Two marks are the calibration's.
    ...(profile ? [`static uint32_t marks[${3 * Math.max(2, markCount(program))}];`] : ['#define marks 0']),
    '',
    'const struct harness_model harness_model = {',
    '    &model, &memory, sizeof memory, init, input, run, output,',
    `    ${program.inputBytes.length}, ${program.outputBytes.length}, input_bytes, output_bytes, marks,`,
    '};',
    '',
  ].join('\n');
}

/** The model's struct and its memory, which is the struct itself or what it points to. */
function instanceOf({ prefix, pieces }: CProgram): readonly string[] {
  if (pieces === undefined) return [`static ${prefix}_t model;`, '#define memory model'];
  return [
    `static struct { ${pieces.map((name) => `${prefix}_${name}_t ${name};`).join(' ')} } memory;`,
    `static ${prefix}_t model = { ${pieces.map((name) => `&memory.${name}`).join(', ')} };`,
  ];
}
