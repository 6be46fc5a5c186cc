// What all runners of C programs share: from a reply to a result, and from a problem to a skip.
import type { Counter } from './boards.ts';
import { countInstructions } from './counter.ts';
import { type Elf, functionAt } from './elf.ts';
import { decodeReply, layerCrcs } from './exchange.ts';
import { RunError } from './run-error.ts';
import type { CodeSizes, CProgram, RunOptions, RunResult, Skipped } from './runner.ts';

export const defaultTimeoutMs = 120_000;

/** Whether the program is compiled to report its layers. */
export function isTracing(options: RunOptions): boolean {
  return options.trace === true || options.dumpLayer !== undefined;
}

/** Whether instructions are to be counted. */
export function isMeasuring(options: RunOptions): boolean {
  return options.measure ?? !isTracing(options);
}

/** Puts a result together. `counting` and `sizes` are absent on the host, which has neither. */
export function resultOf(
  runner: string,
  program: CProgram,
  inferences: number,
  bytes: Uint8Array,
  options: RunOptions,
  board?: { readonly counter: Counter; readonly shift?: number; readonly sizes: CodeSizes },
): RunResult {
  const reply = decodeReply(runner, program, inferences, bytes);
  if (options.dumpLayer !== undefined && inferences > 0 && reply.dump === undefined) {
    const detail = `layer ${options.dumpLayer} of ${program.layerCount} was not reported`;
    throw new RunError({ code: 'contract', runner, detail });
  }
  const count = (reading: (typeof reply.readings)[number]): number =>
    countInstructions(board!.counter, reply.calibration, reading, board!.shift);
  return {
    outputs: reply.outputs,
    ...(isTracing(options) ? { layerCrcs: layerCrcs(runner, program, reply) } : {}),
    ...(reply.dump === undefined ? {} : { layerDump: reply.dump }),
    ...(board !== undefined && isMeasuring(options)
      ? { instructions: reply.readings.map(count), stackBytes: Math.max(0, ...reply.stackBytes) }
      : {}),
    ...(board === undefined ? {} : { sizes: board.sizes }),
  };
}

/** A fault the firmware reported on its console, as an error. */
export function guestFault(runner: string, elf: Elf, console: string): RunError | undefined {
  const report = /fault pc=([0-9a-f]{8}) (cause=[0-9a-f]{8} address=[0-9a-f]{8})/.exec(console);
  if (report === null) return undefined;
  return faultAt(runner, elf, Number.parseInt(report[1]!, 16), report[2]!);
}

/** A fault at an address, named by the function it is in. */
export function faultAt(runner: string, elf: Elf, pc: number, detail: string): RunError {
  const at = functionAt(elf, pc);
  return new RunError({ code: 'guest-fault', runner, pc, ...(at === undefined ? {} : { at }), detail });
}

/** Runs, and turns the two problems that are no verdict into a skip. */
export async function skipping(run: () => Promise<RunResult>): Promise<RunResult | Skipped> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RunError && (error.problem.code === 'missing-tool' || error.problem.code === 'does-not-fit'))
      return { skipped: error.problem };
    throw error;
  }
}
