// One suite for every runner of C programs.
import { afterAll, describe, expect, it } from 'vitest';
import { boards } from './boards.ts';
import { createRunner } from './create-runner.ts';
import { fixtureExpected, fixtureInferences, fixtureProgram } from './fixture-program.ts';
import { createHostRunner } from './host-runner.ts';
import { createRp2040Runner } from './rp2040-runner.ts';
import { RunError, type RunProblem } from './run-error.ts';
import { isSkipped, type Runner, type RunResult } from './runner.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const allRunners = (workspace: Workspace): Runner[] => [
  createRunner('host', workspace),
  createHostRunner(workspace, { sanitize: false }),
  createHostRunner(workspace, { compiler: 'clang' }),
  createHostRunner(workspace, { compiler: 'clang', sanitize: false }),
  ...Object.values(boards).map(({ name }) => createRunner(name, workspace)),
];

/** The problem a run ends with, thrown or skipped. */
const problemOf = async (run: ReturnType<Runner['run']>): Promise<RunProblem> => {
  try {
    const result = await run;
    if (isSkipped(result)) return result.skipped;
  } catch (error) {
    if (error instanceof RunError) return error.problem;
    throw error;
  }
  throw new Error('the run succeeded');
};

const workspace = openWorkspace();
afterAll(() => workspace.close());

const inferences = fixtureInferences(5);
const expected = fixtureExpected(inferences);

for (const runner of allRunners(workspace)) {
  const available = await runner.available();
  const title = available.ok ? runner.name : `${runner.name} (needs ${available.missing})`;

  describe.skipIf(!available.ok)(title, () => {
    const run = async (...parameters: Parameters<typeof runner.run>): Promise<RunResult> => {
      const result = await runner.run(...parameters);
      if (isSkipped(result)) throw new RunError(result.skipped);
      return result;
    };

    it('gives the outputs, and the same counts each time', async () => {
      const first = await run(fixtureProgram(), inferences);
      expect(first.outputs).toEqual(expected.outputs);
      expect(first.layerCrcs).toBeUndefined();
      if (runner.kind === 'host') return;
      expect(first.instructions).toHaveLength(5);
      expect(Math.min(...(first.instructions ?? []))).toBeGreaterThan(200);
      expect(first.stackBytes).toBeGreaterThan(0);
      expect(first.stackBytes).toBeLessThan(1024);
      expect(first.sizes?.rodataBytes).toBeGreaterThanOrEqual(80);
      expect(first.sizes?.modelCodeBytes).toBeGreaterThanOrEqual(first.sizes?.textBytes ?? 0);
      const second = await run(fixtureProgram(), inferences);
      expect(second).toEqual(first);
    });

    it('gives every layer', async () => {
      const result = await run(fixtureProgram(), inferences, { trace: true, dumpLayer: 0 });
      expect(result.outputs).toEqual(expected.outputs);
      expect(result.layerCrcs).toEqual(expected.layerCrcs);
      expect(result.layerDump).toEqual(expected.layer0);
      expect(result.instructions).toBeUndefined();
    });

    it('runs no inference, and plainly', async () => {
      expect((await run(fixtureProgram(), [])).outputs).toEqual([]);
      const plain = await run(fixtureProgram(), inferences, { measure: false, optimise: ['-Os'] });
      expect(plain.outputs).toEqual(expected.outputs);
      expect(plain.instructions).toBeUndefined();
    });

    it('ends a program that hangs', async () => {
      const program = fixtureProgram({ work: '    for (volatile int i = 1; i != 0;) { }' });
      expect(await problemOf(runner.run(program, inferences, { timeoutMs: 300 }))).toEqual({
        code: 'timed-out',
        runner: runner.name,
        timeoutMs: 300,
      });
    });

    it('names the place of a fault', async () => {
      const work = '    *(volatile uint32_t *)(uintptr_t)0xf0000000u = 1;';
      const problem = await problemOf(runner.run(fixtureProgram({ work }), inferences));
      if (runner.kind === 'host') expect(problem).toMatchObject({ code: 'crashed' });
      else expect(problem).toMatchObject({ code: 'guest-fault', at: 'tiny_run' });
    });

    it('hands on what the compiler says', async () => {
      const problem = await problemOf(runner.run(fixtureProgram({ work: '    int unused;' }), inferences));
      expect(problem.code === 'compile-failed' && problem.output).toContain('unused variable');
    });

    it('refuses a program that is not as its shape says', async () => {
      const program = fixtureProgram();
      const wrongOutput = await problemOf(runner.run({ ...program, outputBytes: [6] }, inferences));
      expect(wrongOutput.code === 'compile-failed' && wrongOutput.output).toContain('claim_output_0');
      const moreLayers = await problemOf(runner.run({ ...program, layerCount: 3 }, inferences, { trace: true }));
      expect(moreLayers).toMatchObject({ code: 'contract', detail: 'layer 2 of 3 was not reported' });
      const noLayer = await problemOf(runner.run(program, inferences, { dumpLayer: 2 }));
      expect(noLayer).toMatchObject({ code: 'contract', detail: 'layer 2 of 2 was not reported' });
      const wrongInput = await problemOf(runner.run(program, [[new Uint8Array(3)]]));
      expect(wrongInput).toMatchObject({ code: 'contract' });
    });
  });
}

describe.each(allRunners(openedEmpty()))('$name without tools', (runner) => {
  it('says what is missing and how to get it', async () => {
    const available = await runner.available();
    expect(available.ok).toBe(false);
    expect(!available.ok && available.install).toMatch(/^apt-get install /);
    const problem = await problemOf(runner.run(fixtureProgram(), inferences));
    expect(problem).toMatchObject({ code: 'missing-tool', install: !available.ok && available.install });
  });
});

function openedEmpty(): Workspace {
  const empty = openWorkspace({ path: '/nonexistent' });
  afterAll(() => empty.close());
  return empty;
}

const hostAvailable = (await createHostRunner(workspace).available()).ok;
const armAvailable = (await createRp2040Runner(workspace).available()).ok;

describe.skipIf(!hostAvailable)('the sanitizers (needs gcc)', () => {
  it('stop a program that leaves its arena', async () => {
    const work = '    volatile unsigned at = TINY_ARENA_BYTES + 9; self->arena[at] = 1;';
    const problem = await problemOf(createHostRunner(workspace).run(fixtureProgram({ work }), inferences));
    expect(problem.code === 'crashed' && problem.detail).toContain('out of bounds');
  });
});

describe.skipIf(!armAvailable)('small memories (needs arm-none-eabi-gcc)', () => {
  it('are told from failures', async () => {
    const program = fixtureProgram({ arenaBytes: 300 * 1024 });
    const problem = await problemOf(createRp2040Runner(workspace).run(program, inferences));
    expect(problem).toMatchObject({ code: 'does-not-fit', board: 'cortex-m0plus', memory: 'ram', haveBytes: 270336 });
    expect(problem.code === 'does-not-fit' && problem.needBytes).toBeGreaterThan(300 * 1024);
  });

  it('do not let the stack run into the arena', async () => {
    const work = '    volatile uint8_t big[9000]; big[0] = big[8999] = 0; for (int i = 0; i < 9000; i++) big[i] = 1;';
    const problem = await problemOf(createRp2040Runner(workspace).run(fixtureProgram({ work }), inferences));
    expect(problem).toMatchObject({ code: 'guest-fault', detail: expect.stringContaining('1ffff') });
  });
});
