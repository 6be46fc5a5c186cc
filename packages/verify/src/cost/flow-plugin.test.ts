// The plugin where it cannot be had, each with its reason, and what it records of a small program where it can.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Board, boards } from '../boards.ts';
import { fixtureInferences, fixtureProgram } from '../fixture-program.ts';
import { createQemuRunner } from '../qemu-runner.ts';
import { isSkipped } from '../runner.ts';
import { openWorkspace } from '../workspace.ts';
import { instructionsOf } from './flow.ts';
import { buildFlowPlugin, createFlowRecorder, functionOf } from './flow-plugin.ts';
import { returnFunction, runInterval } from './layer-flow.ts';

const workspace = openWorkspace();
const folder = mkdtempSync(join(tmpdir(), 'anymote-test-'));
afterAll(() => {
  workspace.close();
  rmSync(folder, { recursive: true, force: true });
});
const m4 = boards['cortex-m4'];

const gcc = await workspace.execute('gcc', ['--version']).catch(() => undefined);

describe('buildFlowPlugin', () => {
  it('needs a board of QEMU', async () => {
    const { ok } = await buildFlowPlugin(workspace, boards['cortex-m0plus']);
    expect(ok).toBe(false);
  });

  it('says that gcc is missing', async () => {
    const bare = openWorkspace({ path: '/nonexistent' });
    try {
      const plugin = await buildFlowPlugin(bare, m4);
      expect(plugin).toEqual({ ok: false, reason: 'needs gcc (apt-get install gcc libc6-dev)' });
    } finally {
      bare.close();
    }
  });

  it.skipIf(gcc === undefined)('says that an emulator refuses it (needs gcc)', async () => {
    writeFileSync(join(folder, 'qemu-system-arm'), '#!/bin/sh\necho "-plugin: invalid option" >&2\nexit 1\n', {
      mode: 0o755,
    });
    const other = openWorkspace({ path: `${folder}:${process.env.PATH}` });
    try {
      const plugin = await buildFlowPlugin(other, m4);
      expect(plugin).toEqual({ ok: false, reason: 'this qemu-system-arm does not load plugins like ours' });
    } finally {
      other.close();
    }
  });
});

// RISC-V as well: recording knows no instruction set.
for (const board of [m4, boards.rv32imc] satisfies Board[]) {
  const plugin = await buildFlowPlugin(workspace, board);
  const available = await createQemuRunner(board, workspace).available();
  const missing = !available.ok ? available.missing : plugin.ok ? '' : plugin.reason;
  it.skipIf(missing !== '')(
    `records as many instructions as are counted on ${board.name}${missing && ` (needs ${missing})`}`,
    async () => {
      if (!plugin.ok) throw new Error(plugin.reason);
      const work = '    for (volatile int32_t i = 0; i < 1000; i++) self->memory += i % 3;';
      const recorder = createFlowRecorder(plugin.library, ['tiny_run', returnFunction]);
      const runner = createQemuRunner(board, workspace, { extra: recorder.extra });
      const result = await runner.run(fixtureProgram({ work }), fixtureInferences(3));
      if (isSkipped(result)) throw new Error('skipped');
      const flow = await recorder.read();
      const { address } = functionOf(flow.elf, 'tiny_run');
      const runs = flow.intervals.filter(({ start }) => start === address);
      expect(runs.map(instructionsOf)).toEqual(result.instructions);
      expect(runInterval(flow, 'tiny_run')).toBe(runs[0]);
    },
  );
}
