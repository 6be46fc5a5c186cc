// Instruction counts on QEMU's boards, against the counting plugin, through timer wraps, and against the RP2040.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Board, boards } from './boards.ts';
import { readElf } from './elf.ts';
import { fixtureInferences, fixtureProgram } from './fixture-program.ts';
import { createQemuRunner, type QemuOptions } from './qemu-runner.ts';
import { createRp2040Runner } from './rp2040-runner.ts';
import { RunError } from './run-error.ts';
import { isSkipped, type RunResult } from './runner.ts';
import { openWorkspace } from './workspace.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

// The counting plugin is at hand on development machines only.
const shared = process.env.ANYMOTE_SHARED ?? resolve(import.meta.dirname, '../../../../shared');
const plugin = join(shared, 'tools/armcount/armcount.c');
const pluginReason = existsSync(plugin) ? '' : ' (needs shared/tools/armcount)';

// Loops, 64-bit products, division and float, so that the cores' own instructions take part: IT blocks, low-overhead
// loops, predicated vectors.
const work = [
  '    volatile int64_t wide = 1; volatile float real = 1.5f;',
  '    for (int i = 0; i < 1000; i++) {',
  '        int32_t v = self->memory * i;',
  '        wide = wide * 31 + (v > 7 ? v : -v) / 3;',
  '        real = real * 1.0001f + (float)i;',
  '        for (int k = 0; k < 13; k++) self->arena[16 + k] = (uint8_t)(self->arena[k] ^ self->arena[16 + k]);',
  '    }',
].join('\n');
const spin = (rounds: number): string => `    for (volatile int32_t i = 0; i < ${rounds}; i++) { }`;

const qemuBoards = Object.values<Board>(boards).filter((board) => board.qemu !== undefined);

for (const board of qemuBoards) {
  const available = await createQemuRunner(board, workspace).available();
  const title = available.ok ? board.name : `${board.name} (needs ${available.missing})`;

  describe.skipIf(!available.ok)(title, () => {
    const inferences = fixtureInferences(3);
    const run = async (text: string, settings: QemuOptions, optimise: readonly string[]): Promise<RunResult> => {
      const runner = createQemuRunner(board, workspace, settings);
      const result = await runner.run(fixtureProgram({ work: text }), inferences, { optimise });
      if (isSkipped(result)) throw new RunError(result.skipped);
      return result;
    };

    it.skipIf(pluginReason !== '').each([['-Os'], ['-O2'], ['-O3']])(
      `counts what the plugin counts at %s${pluginReason}`,
      async (level) => {
        const library = join(workspace.directory, 'libarmcount.so');
        if (!existsSync(library)) execFileSync('gcc', ['-O2', '-w', '-shared', '-fPIC', '-o', library, plugin]);
        const report = join(workspace.directory, `${board.name}${level}.count`);
        const extra = async (path: string): Promise<string[]> => {
          const { functions } = readElf(await readFile(path));
          const at = (name: string): number => functions.find((one) => one.name === name)!.address;
          return ['-plugin', `${library},begin=${at('measured_call')},end=${at('measured_return')},out=${report}`];
        };
        const result = await run(work, { extra }, [level]);
        const lines = (await readFile(report, 'utf8')).trim().split('\n');
        const counts = lines.map((line) => Number(/insns (\d+)/.exec(line)?.[1]));
        // First comes the calibrating call of a single instruction, then init.
        expect(counts[0]).toBe(1);
        expect([result.initInstructions, ...(result.instructions ?? [])]).toEqual(counts.slice(1));
      },
    );

    // At 2^10 ns an instruction the fast timers wrap within 170 million; minstret has 64 bits.
    if (board.counter.kind === 'minstret') return;
    it('counts through wraps of its timer', async () => {
      const [one, two] = [await run(spin(1000), {}, ['-O2']), await run(spin(2000), {}, ['-O2'])];
      const first = one.instructions![0]!;
      const perRound = (two.instructions![0]! - first) / 1000;
      const rounds = Math.ceil(200e6 / perRound);
      const long = await run(spin(rounds), { shift: 10 }, ['-O2']);
      expect(Math.abs(long.instructions![0]! - first - (rounds - 1000) * perRound)).toBeLessThanOrEqual(2);
    });
  });
}

// The two emulators count in different ways, and must agree on the same code.
it.skipIf(!(await createQemuRunner(boards['cortex-m3'], workspace).available()).ok)(
  'counts ARMv6-M code as the RP2040 emulator does (needs qemu-system-arm)',
  async () => {
    const { coreFlags } = boards['cortex-m0plus'];
    const runners = [createRp2040Runner(workspace), createQemuRunner({ ...boards['cortex-m3'], coreFlags }, workspace)];
    const program = fixtureProgram({ work });
    const [rp2040, qemu] = await Promise.all(runners.map((runner) => runner.run(program, fixtureInferences(3))));
    expect(rp2040).toMatchObject({ instructions: expect.arrayContaining([expect.any(Number)]) });
    const { cycles, ...counted } = { cycles: undefined, ...rp2040 };
    expect(counted).toEqual(qemu);
    expect(cycles).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
  },
);
