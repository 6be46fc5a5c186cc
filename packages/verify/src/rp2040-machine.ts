// An RP2040 that runs one program without a boot ROM: its segments are put where they belong, calls to the host are
// answered at breakpoints, and executed instructions are counted. What the chip would fault at ends the run.
import { type Logger, RP2040 } from 'rp2040js';
import type { Segment } from './elf.ts';
import { replyName, requestName } from './exchange.ts';
import { createSemihosting } from './semihosting.ts';

/** Plain data, so that it can cross to a worker thread. */
export interface MachineJob {
  readonly segments: readonly Segment[];
  readonly request: Uint8Array;
  readonly timeoutMs: number;
}

export type MachineEnd =
  | {
      readonly kind: 'exit';
      readonly code: number;
      readonly reply: Uint8Array;
      readonly console: string;
      /** What the emulator counted at every reading of the counter; zero-wait-state memory. */
      readonly cycles: readonly number[];
    }
  | { readonly kind: 'fault'; readonly pc: number; readonly detail: string }
  | { readonly kind: 'timed-out' };

const flashOrigin = 0x10000000;
const ramOrigin = 0x20000000;
const none = -1;
const breakpoints = { semihosting: 0xab, counter: 0xac } as const;
/** Instructions between two looks at the clock, about a tenth of a second. */
const slice = 1 << 22;

/** Runs a program to its end. Gives way to other work now and then, so timers and child processes are not starved. */
export async function runRp2040({ segments, request, timeoutMs }: MachineJob): Promise<MachineEnd> {
  const deadline = Date.now() + timeoutMs;
  const chip = new RP2040();
  const { core } = chip;
  let executed = 0;
  const cycles: number[] = [];

  const fault = (_component: string, message: string): never => {
    throw new Error(message);
  };
  const logger: Logger = { debug: () => {}, info: () => {}, warn: fault, error: fault };
  chip.logger = logger;

  const bytes = (address: number, length: number): Uint8Array => {
    for (const [origin, memory] of [
      [ramOrigin, chip.sram],
      [flashOrigin, chip.flash],
    ] as const) {
      const offset = address - origin;
      if (offset >= 0 && offset + length <= memory.length) return memory.subarray(offset, offset + length);
    }
    throw new Error(`no memory at 0x${address.toString(16)} for ${length} bytes`);
  };
  for (const segment of segments) bytes(segment.address, segment.bytes.length).set(segment.bytes);

  const host = createSemihosting(new Map([[requestName, request]]));
  // A breakpoint only leaves the inner loop, which is hot and shares nothing else with the rest.
  let breakpoint = none;
  chip.onBreak = (code) => {
    breakpoint = code;
  };
  const answer = (code: number): void => {
    const { registers } = core;
    if (code === breakpoints.counter) {
      cycles.push(core.cycles);
      registers[0] = registers[2] = Math.floor(executed / 2 ** 32);
      registers[1] = executed;
    } else if (code === breakpoints.semihosting) {
      registers[0] = host.call({ bytes }, registers[0]!, registers[1]!);
    } else {
      throw new Error(`breakpoint or undefined instruction ${code}`);
    }
  };
  core.VTOR = flashOrigin;
  core.reset();

  try {
    for (let look = slice; host.exitCode === undefined; ) {
      let count = 0;
      breakpoint = none;
      while (count < slice && breakpoint === none) {
        core.executeInstruction();
        count++;
      }
      executed += count;
      if (breakpoint !== none) answer(breakpoint);
      if (executed < look) continue;
      look = executed + slice;
      if (Date.now() > deadline) return { kind: 'timed-out' };
      await new Promise(setImmediate);
    }
  } catch (error) {
    // The core has stepped over the instruction's first half before it notices.
    return { kind: 'fault', pc: (core.PC - 2) >>> 0, detail: error instanceof Error ? error.message : String(error) };
  }
  return { kind: 'exit', code: host.exitCode ?? 1, reply: host.written(replyName), console: host.console, cycles };
}
