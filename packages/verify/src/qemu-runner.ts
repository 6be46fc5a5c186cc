// Runs C programs on QEMU's boards. Instructions are counted by a guest timer under -icount, where time is executed
// instructions; traced runs do without, which is faster.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Board } from './boards.ts';
import { calibratedInstructions } from './counts.ts';
import { encodeRequest, replyName, requestName } from './exchange.ts';
import { createFirmwareBuilder } from './firmware.ts';
import { defaultTimeoutMs, guestFault, isMeasuring, resultOf, skipping } from './outcome.ts';
import { RunError } from './run-error.ts';
import type { Runner } from './runner.ts';
import { findTools } from './tools.ts';
import type { Workspace } from './workspace.ts';

export interface QemuOptions {
  /** Further arguments of QEMU, given the path of the ELF file: a plugin, a log. */
  readonly extra?: (elfPath: string) => Promise<readonly string[]>;
  /** Virtual time per instruction, 2^shift ns, where the board's own should not do. */
  readonly shift?: number;
}

/** A runner for a board that QEMU emulates. */
export function createQemuRunner(board: Board, workspace: Workspace, settings: QemuOptions = {}): Runner {
  const { name, qemu, counter } = board;
  if (qemu === undefined || counter.kind === 'host') throw new Error(`internal error: QEMU has no board ${name}`);
  const build = createFirmwareBuilder(board, workspace);
  const shift = settings.shift ?? counter.shift;
  const costs = calibratedInstructions[board.architecture];
  return {
    name,
    kind: 'emulator',
    available: () => findTools(workspace, [board.compiler, qemu.program]),
    run: (program, inferences, options = {}) =>
      skipping(async () => {
        const request = encodeRequest(name, program, inferences, options.dumpLayer);
        const directory = await workspace.newDirectory(`${name}-run`);
        try {
          const { path, elf, sizes } = await build(program, options, directory);
          await writeFile(join(directory, requestName), request);
          const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
          const { code, signal, stdout, stderr, timedOut } = await workspace.execute(
            qemu.program,
            [
              ...qemu.machine,
              ...['-display', 'none', '-monitor', 'none', '-serial', 'none'],
              ...['-semihosting-config', 'enable=on,target=native', '-kernel', path],
              ...(isMeasuring(options) ? ['-icount', `shift=${shift}`] : []),
              ...((await settings.extra?.(path)) ?? []),
            ],
            { cwd: directory, timeoutMs },
          );
          if (timedOut) throw new RunError({ code: 'timed-out', runner: name, timeoutMs });
          const fault = guestFault(name, elf, `${stdout}${stderr}`);
          if (fault !== undefined) throw fault;
          if (code !== 0) {
            const detail = `${signal ?? `exit code ${code}`}: ${`${stdout}${stderr}`.trim()}`;
            throw new RunError({ code: 'crashed', runner: name, detail });
          }
          const reply = await readFile(join(directory, replyName));
          return resultOf(name, program, inferences.length, reply, options, { counter, shift, costs, sizes });
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      }),
  };
}
