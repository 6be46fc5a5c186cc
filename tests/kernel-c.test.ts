// What random kernels mean to the interpreter, they mean in C: on this machine under the sanitizers, which also proves that
// nothing printed plainly ever overflows, and on an emulated Cortex-M4.
import { afterAll, describe, expect, it } from 'vitest';
import { dropUnused } from '../packages/compiler/src/kernel/rewrite/drop-unused.ts';
import { kernelProgram } from '../packages/compiler/src/kernel/testing/kernel-program.ts';
import { randomKernel } from '../packages/compiler/src/kernel/testing/random-kernel.ts';
import { renderHeader } from '../packages/compiler/src/render/c/header.ts';
import { renderSource } from '../packages/compiler/src/render/c/source.ts';
import { type CProgram, createRunner, isSkipped, openWorkspace } from '../packages/verify/src/index.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

/** What compilers say about code that no one would write; they stay silent about everything else. */
const oddities = [
  ...['unused-variable', 'unused-parameter', 'unused-but-set-variable', 'unused-but-set-parameter'],
  ...['type-limits', 'bool-compare', 'int-in-bool-context', 'tautological-compare', 'bool-operation'],
].map((warning) => `#pragma GCC diagnostic ignored "-W${warning}"\n`);

const batches = [
  { target: 'host', first: 0, count: 40, options: { optimise: ['-O2'] } },
  { target: 'cortex-m4', first: 1000, count: 20, options: { measure: false } },
] as const;

for (const { target, first, count, options } of batches) {
  const runner = createRunner(target, workspace);
  const available = await runner.available();
  describe.skipIf(!available.ok)(available.ok ? target : `${target}: ${available.missing} is absent`, () => {
    it(`runs random kernels ${first} to ${first + count - 1}`, async () => {
      const runs = Array.from({ length: count }, (_, n) => {
        const random = randomKernel(first + n);
        const { kernel, kept } = dropUnused(random.kernel);
        const contents = random.arguments();
        return { kernel, arguments: kept.flatMap((i) => contents[i] ?? []) };
      });
      const { program, before, after, difference } = kernelProgram(runs);
      const built: CProgram = {
        prefix: program.prefix,
        files: new Map([
          [`${program.prefix}.h`, renderHeader(program)],
          [`${program.prefix}.c`, `${oddities.join('')}${renderSource(program, { spellings: {}, headers: [] })}`],
        ]),
        inputBytes: [before.length],
        outputBytes: [before.length],
        layerCount: count,
      };
      const result = await runner.run(built, [[before]], options);
      if (isSkipped(result)) throw new Error('skipped');
      const [output] = result.outputs[0] ?? [];
      expect(output && difference(after, output)).toBeUndefined();
    });
  });
}
