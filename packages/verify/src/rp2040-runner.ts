// Runs C programs on an emulated RP2040 (Cortex-M0+). Instructions are counted by the emulator's own loop.
import { rm } from 'node:fs/promises';
import { boards } from './boards.ts';
import { calibratedInstructions } from './counts.ts';
import { encodeRequest } from './exchange.ts';
import { createFirmwareBuilder } from './firmware.ts';
import { defaultTimeoutMs, faultAt, guestFault, resultOf, skipping } from './outcome.ts';
import { createMachinePool, type RunMachine } from './rp2040-pool.ts';
import { RunError } from './run-error.ts';
import type { Runner } from './runner.ts';
import { findTools } from './tools.ts';
import type { Workspace } from './workspace.ts';

const board = boards['cortex-m0plus'];

/** A runner for the RP2040; `runMachine` says on which threads. */
export function createRp2040Runner(workspace: Workspace, runMachine: RunMachine = createMachinePool()): Runner {
  const { name, counter } = board;
  const costs = calibratedInstructions[board.architecture];
  const build = createFirmwareBuilder(board, workspace);
  return {
    name,
    kind: 'emulator',
    available: () => findTools(workspace, [board.compiler]),
    run: (program, inferences, options = {}) =>
      skipping(async () => {
        const request = encodeRequest(name, program, inferences, options.dumpLayer);
        const directory = await workspace.newDirectory(`${name}-run`);
        try {
          const { elf, sizes } = await build(program, options, directory);
          const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
          const end = await runMachine({ segments: elf.segments, request, timeoutMs });
          if (end.kind === 'timed-out') throw new RunError({ code: 'timed-out', runner: name, timeoutMs });
          if (end.kind === 'fault') throw faultAt(name, elf, end.pc, end.detail);
          const fault = guestFault(name, elf, end.console);
          if (fault !== undefined) throw fault;
          if (end.code !== 0) {
            const detail = `exit code ${end.code}: ${end.console.trim()}`;
            throw new RunError({ code: 'crashed', runner: name, detail });
          }
          const { reply, cycles } = end;
          return resultOf(name, program, inferences.length, reply, options, { counter, costs, sizes, cycles });
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      }),
  };
}
