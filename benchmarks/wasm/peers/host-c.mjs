// anymote's C on this machine, for comparison: plain x86-64 and everything the processor has. A process a batch, which times
// itself after a run to warm up.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../../packages/compiler/dist/index.js';
import { dequantised, typeOf } from '../networks.mjs';

export const thread = 'no threads';

const driver = (prefix, input) => `#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "${prefix}.h"
static ${prefix}_t model;
static const signed char elements[] = {${input.join(',')}};
static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}
int main(int argc, char **argv) {
  long count = argc > 1 ? atol(argv[1]) : 1;
  double wall = 0, cpu = 0;
  ${prefix}_init(&model);
  for (long n = -1; n < count; n += 1) {
    if (n == 0) wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    memcpy(${prefix}_input(&model, 0), elements, sizeof elements);
    ${prefix}_run(&model);
  }
  wall = now(CLOCK_MONOTONIC) - wall;
  cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  printf("%.6f\\n%.6f\\n", wall, cpu);
  const signed char *output = ${prefix}_output(&model, 0);
  for (int i = 0; i < OUTPUTS; i += 1) printf("%d\\n", output[i]);
  return 0;
}
`;

const builds = [
  { numbers: 'int8', name: 'host C, gcc -O3', options: ['-O3'] },
  { numbers: 'int8', name: 'host C, gcc -O3 -march=native', options: ['-O3', '-march=native'] },
];

export async function runners({ graph }, input) {
  if (spawnSync('gcc', ['--version']).status !== 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'anymote-bench-'));
  const { files, prefix } = compile(graph, { target: 'host', prefix: 'network' });
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'driver.c'), driver(prefix, [...input]));
  const outputType = typeOf(graph, graph.outputs[0]);
  const outputs = outputType.shape.reduce((product, size) => product * size, 1);
  return builds.map(({ name, numbers, options }, n) => {
    const program = join(folder, `bench${n}`);
    const sources = ['driver.c', `${prefix}.c`].map((file) => join(folder, file));
    execFileSync('gcc', [
      '-std=c99',
      ...options,
      '-ffp-contract=off',
      `-DOUTPUTS=${outputs}`,
      ...sources,
      '-o',
      program,
    ]);
    /** Milliseconds by the clock and of the processor, then the output. */
    const run = (count) =>
      execFileSync(program, [String(count)], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map(Number);
    return {
      name,
      numbers,
      run: async (count) => dequantised(Int8Array.from(run(count).slice(2)), outputType),
      async milliseconds(count) {
        const [wall, cpu] = run(count);
        return { wall, cpu };
      },
    };
  });
}
