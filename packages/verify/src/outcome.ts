// What all runners of C programs share: from a reply to a result, and from a problem to a skip.
import { type Counting, calibratedRp2040Cycles, countsOf, withValues } from './counts.ts';
import { type Elf, functionAt } from './elf.ts';
import { decodeReply, layerCrcs, type Reply } from './exchange.ts';
import { RunError } from './run-error.ts';
import type { CodeSizes, CProgram, Profile, RunOptions, RunResult, Skipped } from './runner.ts';

export const defaultTimeoutMs = 120_000;

/** Whether the program is compiled to report its layers. */
export function isTracing(options: RunOptions): boolean {
  return options.trace === true || options.dumpLayer !== undefined;
}

/** Whether instructions are to be counted. */
export function isMeasuring(options: RunOptions): boolean {
  return options.measure ?? !isTracing(options);
}

/** What a board tells besides the reply. */
export interface BoardFacts extends Counting {
  readonly sizes: CodeSizes;
  /** The emulator's cycles at every reading of the counter, where it counts them. */
  readonly cycles?: readonly number[];
}

/** Puts a result together. `board` is absent on the host, which counts nothing. */
export function resultOf(
  runner: string,
  program: CProgram,
  inferences: number,
  bytes: Uint8Array,
  options: RunOptions,
  board?: BoardFacts,
): RunResult {
  const reply = decodeReply(runner, program, inferences, bytes);
  if (options.dumpLayer !== undefined && inferences > 0 && reply.dump === undefined) {
    const detail = `layer ${options.dumpLayer} of ${program.layerCount} was not reported`;
    throw new RunError({ code: 'contract', runner, detail });
  }
  return {
    outputs: reply.outputs,
    ...(isTracing(options) ? { layerCrcs: layerCrcs(runner, program, reply) } : {}),
    ...(reply.dump === undefined ? {} : { layerDump: reply.dump }),
    ...(board !== undefined && isMeasuring(options) ? costsOf(runner, program, reply, board) : {}),
    ...(board === undefined ? {} : { sizes: board.sizes }),
  };
}

function costsOf(runner: string, program: CProgram, reply: Reply, board: BoardFacts): Partial<RunResult> {
  const { run, init, profiles } = countsOf(runner, program, reply, board);
  const own: Counting = { counter: { kind: 'host' }, costs: calibratedRp2040Cycles };
  const cycles =
    board.cycles === undefined ? undefined : countsOf(runner, program, withValues(reply, board.cycles), own);
  return {
    instructions: run,
    initInstructions: init,
    stackBytes: Math.max(0, ...reply.stackBytes),
    ...(cycles === undefined ? {} : { cycles: cycles.run }),
    ...(profiles === undefined
      ? {}
      : {
          profiles: profiles.map(({ layers, rest }, i): Profile => {
            const layerCycles = cycles?.profiles?.[i]?.layers;
            const spent = { layerInstructions: layers, restInstructions: rest };
            return layerCycles === undefined ? spent : { ...spent, layerCycles };
          }),
        }),
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
