// Benchmarks of the gesture model on what is installed here: counts that must add up, and cycles against the counting
// plugin of development machines.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compile, readModel } from '@anymote/compiler';
import { afterAll, describe, expect, it } from 'vitest';
import { type Board, boards } from '../boards.ts';
import { createRunner } from '../create-runner.ts';
import { readElf } from '../elf.ts';
import { cProgram } from '../executor.ts';
import { createQemuRunner } from '../qemu-runner.ts';
import { lcgSamples } from '../sample-inputs.ts';
import { openWorkspace } from '../workspace.ts';
import { benchModel } from './bench-model.ts';
import type { BenchReport } from './bench-report.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const repository = resolve(import.meta.dirname, '../../../..');
const shared = process.env.ANYMOTE_SHARED ?? join(repository, '../shared');
const model = (path: string) => readModel(Uint8Array.from(readFileSync(path)), { file: path });
const gestures = model(join(repository, 'tests/models/gestures/gestures.tflite'));
const sum = (values: readonly (number | undefined)[]): number => values.reduce<number>((a, b) => a + (b ?? 0), 0);

for (const board of Object.values<Board>(boards)) {
  const available = await createRunner(board.name as keyof typeof boards, workspace).available();

  describe.skipIf(!available.ok)(`${board.name}${available.ok ? '' : ` (needs ${available.missing})`}`, () => {
    let report: BenchReport;
    it('counts layers that add up to the whole', async () => {
      report = await benchModel(gestures, workspace, { target: board.name });
      const { instructions = 0, restInstructions = 0, layers } = report;
      expect(instructions).toBeGreaterThan(report.macs / 4);
      expect(sum(layers.map((layer) => layer.instructions)) + restInstructions).toBe(instructions);
      // The end of the run function, and what the compiler does in another way around the marks.
      expect(Math.abs(restInstructions)).toBeLessThan(instructions / 20);
      expect(layers.map(({ op }) => op)).toEqual(gestures.nodes.map(({ op }) => op));
      expect(sum(layers.map(({ macs }) => macs))).toBe(report.macs);
      for (const layer of layers) {
        expect(layer.instructions).toBeGreaterThanOrEqual(0);
        expect(layer.tactic).not.toBe('');
        if (layer.macs > 0) expect(layer.instructionsPerMac).toBeCloseTo((layer.instructions ?? 0) / layer.macs, 2);
      }
    });

    it('sees a model that is ready at once, and little stack', () => {
      expect(report.initInstructions).toBeGreaterThan(0);
      expect(report.initInstructions).toBeLessThanOrEqual(100);
      expect(report.stackBytes).toBeLessThanOrEqual(512);
    });

    it('tells weights from other flash', () => {
      // Constant channels leave where they are whole blocks of the core's loops.
      expect([2672, 2552]).toContain(report.weightBytes);
      expect(report.codeBytes).toBeGreaterThan(500);
      expect(report.codeBytes).toBeLessThan(64 * 1024);
    });

    const names = board.name in { 'cortex-m4': 0, 'cortex-m0plus': 0 };
    it(names ? 'estimates cycles, and names the model' : 'says that no model of its cycles exists', () => {
      const { instructions = 0, estimatedCycles, cycleModel, notes, layers } = report;
      if (names) {
        expect(estimatedCycles).toBeGreaterThan(instructions);
        expect(estimatedCycles).toBeLessThan(2 * instructions);
        expect(Math.abs(sum(layers.map((layer) => layer.estimatedCycles)) - (estimatedCycles ?? 0))).toBeLessThan(100);
        expect(cycleModel).toContain('without wait states');
      } else {
        expect([estimatedCycles, cycleModel]).toEqual([undefined, undefined]);
        expect(notes).toContain('there is no model of the cycles of this core');
      }
    });

    // Flows are recorded by QEMU, and only Thumb code is decoded.
    if (board.architecture !== 'arm' || board.qemu === undefined) return;
    it('knows what the code consists of', () => {
      const { mix, instructions, layers } = report;
      expect(sum(Object.values(mix ?? {}))).toBe(instructions);
      for (const layer of layers) expect(sum(Object.values(layer.mix ?? {}))).toBe(layer.instructions);
    });
  });
}

const gcc = await workspace.execute('gcc', ['--version']).catch(() => undefined);

describe('this machine', () => {
  it('times WebAssembly', async () => {
    const report = await benchModel(gestures, workspace, { target: 'wasm' });
    expect(report.microseconds).toBeGreaterThan(0);
    expect(report).not.toHaveProperty('instructions');
    expect(report.layers).toHaveLength(gestures.nodes.length);
  });

  it.skipIf(gcc === undefined)('times native code (needs gcc)', async () => {
    const report = await benchModel(gestures, workspace, { target: 'host', optimise: ['-O1'] });
    expect(report.microseconds).toBeGreaterThan(0);
    expect(report.compilerOptions).toEqual(['-std=c99', '-ffp-contract=off', '-O1']);
  });

  it('says what is missing', async () => {
    const bare = openWorkspace({ path: '/nonexistent' });
    try {
      const run = benchModel(gestures, bare, { target: 'cortex-m4' });
      await expect(run).rejects.toThrow('arm-none-eabi-gcc is not installed (apt-get install gcc-arm-none-eabi');
      await expect(benchModel(gestures, bare, { target: 'host' })).rejects.toThrow('gcc is not installed');
    } finally {
      bare.close();
    }
  });
});

// The plugin and its cycle model are at hand on development machines only.
const armcount = join(shared, 'tools/armcount/armcount.c');
const reason = existsSync(armcount) ? '' : ' (needs shared/tools/armcount)';
const networks = {
  gestures,
  ...(reason === ''
    ? {
        hello_world_float: model(join(shared, 'models/tflm/hello_world_float.tflite')),
      }
    : {}),
};

describe.skipIf(reason !== '')(`estimated cycles${reason}`, () => {
  it.each(Object.entries(networks))('equal those of the counting plugin for %s', async (_, graph) => {
    const library = join(workspace.directory, 'libarmcount.so');
    if (!existsSync(library)) execFileSync('gcc', ['-O2', '-w', '-shared', '-fPIC', '-o', library, armcount]);
    const out = join(workspace.directory, 'armcount.txt');
    const extra = async (path: string): Promise<readonly string[]> => {
      const { functions } = readElf(readFileSync(path));
      const at = (name: string): number => functions.find((one) => one.name === name)?.address ?? 0;
      return ['-plugin', `${library},begin=${at('measured_call')},end=${at('measured_return')},out=${out}`];
    };
    const runner = createQemuRunner(boards['cortex-m4'], workspace, { extra });
    const target = 'cortex-m4';
    const artifact = compile(graph, { target });
    if (artifact.kind !== 'c') throw new Error('not C');
    const inferences = lcgSamples(graph, 1).map(({ inputs }) =>
      inputs.map((data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    );
    await runner.run(cProgram(artifact), inferences);
    const last = readFileSync(out, 'utf8').trim().split('\n').at(-1) ?? '';
    const [, instructions, cycles] = /insns (\d+) cycles (\d+)/.exec(last) ?? [];
    const report = await benchModel(graph, workspace, { target });
    expect([report.instructions, report.estimatedCycles]).toEqual([Number(instructions), Number(cycles)]);
  });
});
