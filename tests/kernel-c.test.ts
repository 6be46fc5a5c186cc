// What kernels mean to the interpreter, they mean in C: on this machine under the sanitizers, which also prove that nothing
// printed plainly ever overflows, with all optimisations, and on an emulated Cortex-M4.
import { afterAll, describe, expect, it } from 'vitest';
import type { KernelArgument } from '../packages/compiler/src/kernel/ir.ts';
import { dropUnused } from '../packages/compiler/src/kernel/rewrite/drop-unused.ts';
import { allocateMemory } from '../packages/compiler/src/kernel/testing/allocate-memory.ts';
import {
  type KernelProgram,
  type KernelRun,
  kernelProgram,
} from '../packages/compiler/src/kernel/testing/kernel-program.ts';
import { castRuns, operatorRuns } from '../packages/compiler/src/kernel/testing/operator-kernels.ts';
import { extremesDouble, randomOf } from '../packages/compiler/src/kernel/testing/random.ts';
import { randomKernel } from '../packages/compiler/src/kernel/testing/random-kernel.ts';
import { buildKernel, memoryTypeOf } from '../packages/compiler/src/kernel/writer.ts';
import { renderHeader } from '../packages/compiler/src/render/c/header.ts';
import { renderSource } from '../packages/compiler/src/render/c/source.ts';
import type { Data } from '../packages/compiler/src/tensor/dtype.ts';
import {
  type CProgram,
  createHostRunner,
  createRunner,
  isSkipped,
  openWorkspace,
  type Runner,
} from '../packages/verify/src/index.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

/** What compilers say about code that no one would write; they stay silent about everything else. */
const oddities = [
  ...['unused-variable', 'unused-parameter', 'unused-but-set-variable', 'unused-but-set-parameter'],
  ...['type-limits', 'bool-compare', 'int-in-bool-context', 'tautological-compare', 'bool-operation'],
].map((warning) => `#pragma GCC diagnostic ignored "-W${warning}"\n`);

const cProgram = ({ program, before }: KernelProgram): CProgram => ({
  prefix: program.prefix,
  files: new Map([
    [`${program.prefix}.h`, renderHeader(program)],
    [`${program.prefix}.c`, `${oddities.join('')}${renderSource(program, { spellings: {}, headers: [] })}`],
  ]),
  inputBytes: [before.length],
  outputBytes: [before.length],
  layerCount: program.steps.length,
});

const randomRuns = (first: number, count: number): KernelRun[] =>
  Array.from({ length: count }, (_, n) => {
    const random = randomKernel(first + n);
    const { kernel, kept } = dropUnused(random.kernel);
    const contents = random.arguments();
    return { kernel, arguments: kept.flatMap((i) => contents[i] ?? []) };
  });

/** Kernels that copy a table: every number must arrive as it is. */
function tableRuns(): KernelRun[] {
  const random = randomOf(5);
  const floats = [0, -0, Infinity, -Infinity, Number.NaN, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4028234663852886e38];
  const tables: Data[] = [
    Int8Array.of(-128, 127, 0),
    Uint8Array.of(0, 255),
    Int16Array.of(-32768, 32767),
    Int32Array.of(-2147483648, 2147483647, 0, -1),
    BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, random.i64()),
    Float64Array.from([...extremesDouble, ...Array.from({ length: 200 }, () => random.f64())]),
    Float32Array.from([...floats, ...Array.from({ length: 400 }, () => random.f32())]),
  ];
  return tables.map((data) => {
    const type = memoryTypeOf(data);
    const y: KernelArgument = { name: 'y', type, length: data.length, space: 'argument', access: 'write' };
    const kernel = buildKernel(`table_${type}`, '', [y], (k) => {
      const table = k.constant('table', data);
      k.for('i', 0, data.length, (i) => k.store(y, i, k.load(table, i)));
    });
    return { kernel, arguments: [allocateMemory(type, data.length)] };
  });
}

/** Instrumented code takes long to compile: the sanitizers do without inlining, which the others have. */
const machines: readonly { runner: Runner; optimise: readonly string[]; first: number; count: number }[] = [
  { runner: createRunner('host', workspace), optimise: ['-O2', '-fno-inline'], first: 0, count: 16 },
  { runner: createHostRunner(workspace, { sanitize: false }), optimise: ['-O3'], first: 1000, count: 30 },
  { runner: createRunner('cortex-m4', workspace), optimise: ['-O2'], first: 2000, count: 20 },
];

for (const { runner, optimise, first, count } of machines) {
  const available = await runner.available();
  const title = available.ok
    ? `${runner.name} ${optimise.join(' ')}`
    : `${runner.name}: ${available.missing} is absent`;
  describe.skipIf(!available.ok)(title, () => {
    it.each<[string, () => readonly KernelRun[]]>([
      ['tables', tableRuns],
      ['every operator on extremes', () => [...operatorRuns(), ...castRuns()]],
      [`random kernels ${first} to ${first + count - 1}`, () => randomRuns(first, count)],
    ])('%s', async (_, runs) => {
      const kernels = kernelProgram(runs());
      const result = await runner.run(cProgram(kernels), [[kernels.before]], { optimise, measure: false });
      if (isSkipped(result)) throw new Error(`skipped: ${result.skipped.code}`);
      const [output] = result.outputs[0] ?? [];
      expect(output && kernels.difference(kernels.after, output)).toBeUndefined();
      expect(output).toHaveLength(kernels.after.length);
    });
  });
}
