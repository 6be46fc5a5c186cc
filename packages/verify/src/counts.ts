// From a reply's counter readings to what the model itself cost: its run and init functions, and each of its layers.
// Every reading passes through the same few instructions; calibrating calls tell what these cost, and it is taken off.
import type { Counter } from './boards.ts';
import { elapsed } from './counter.ts';
import type { CounterWords, Reading, Reply } from './exchange.ts';
import { markCount } from './glue.ts';
import { RunError } from './run-error.ts';
import type { ProgramShape } from './runner.ts';

/** What the functions of the calibrating calls cost themselves: the empty one, and the ends of the one with two marks. */
export interface CalibratedCosts {
  readonly empty: number;
  readonly entry: number;
  readonly exit: number;
}

/** In executed instructions; firmware/arm/measure.S and firmware/riscv/start.S have the functions. */
export const calibratedInstructions: Readonly<Record<'arm' | 'riscv', CalibratedCosts>> = {
  arm: { empty: 1, entry: 1, exit: 1 },
  riscv: { empty: 1, entry: 2, exit: 3 },
};

/** In the cycles rp2040js counts: `bx lr`; `push {r3, lr}`; `pop {r3, pc}`. */
export const calibratedRp2040Cycles: CalibratedCosts = { empty: 2, entry: 2, exit: 4 };

export interface Counts {
  /** Of each inference. */
  readonly run: readonly number[];
  readonly init: number;
  /** Of each inference, when profiling. */
  readonly profiles?: readonly { readonly layers: readonly number[]; readonly rest: number }[];
}

/** How readings become numbers. */
export interface Counting {
  readonly counter: Counter;
  readonly shift?: number;
  readonly costs: CalibratedCosts;
}

/** @throws {RunError} `contract` when a profiled inference left another number of marks than the program has outputs */
export function countsOf(runner: string, program: ProgramShape, reply: Reply, counting: Counting): Counts {
  const { counter, shift, costs } = counting;
  const between = (before: CounterWords, after: CounterWords): number => elapsed(counter, { before, after }, shift);
  const around = ({ before, after }: Reading): number => between(before, after);
  const call = around(reply.calibration) - costs.empty;
  const whole = (reading: Reading): number => around(reading) - call;
  const { markCalibration } = reply;
  const counts: Counts = { run: reply.readings.map(whole), init: whole(reply.init) };
  if (markCalibration === undefined) return counts;

  const [first, second] = markCalibration.marks;
  if (first === undefined || second === undefined) throw contract(runner, 'the calibration left no marks');
  const mark = between(first, second);
  const entry = between(markCalibration.before, first) - costs.entry;
  const exit = between(second, markCalibration.after) - costs.exit;
  const profiles = reply.readings.map(({ before, marks, after }) => {
    const last = marks.at(-1);
    if (marks.length !== markCount(program))
      throw contract(runner, `${marks.length} marks of a profiled program that leaves ${markCount(program)}`);
    if (last === undefined) return { layers: [], rest: between(before, after) - call };
    const spent = marks.map((one, i) => {
      const previous = marks[i - 1];
      return previous === undefined ? between(before, one) - entry : between(previous, one) - mark;
    });
    let at = 0;
    const layers = Array.from({ length: program.layerCount }, (_, layer) => {
      const outputs = program.layerOutputs?.[layer] ?? 1;
      at += outputs;
      return spent.slice(at - outputs, at).reduce((total, one) => total + one, 0);
    });
    return { layers, rest: between(last, after) - exit };
  });
  return { ...counts, profiles };
}

const contract = (runner: string, detail: string): RunError => new RunError({ code: 'contract', runner, detail });

/** The same readings with other values, given in the order in which they were taken. */
export function withValues(reply: Reply, values: readonly number[]): Reply {
  let next = 0;
  const words = (): CounterWords => {
    const value = values[next++] ?? 0;
    const high = Math.floor(value / 2 ** 32);
    return [high, value % 2 ** 32, high];
  };
  // Properties are evaluated in their order here, which is that of time.
  const reading = ({ marks }: Reading): Reading => ({ before: words(), marks: marks.map(words), after: words() });
  const calibration = reading(reply.calibration);
  const marked = reply.markCalibration === undefined ? {} : { markCalibration: reading(reply.markCalibration) };
  const init = reading(reply.init);
  return { ...reply, calibration, ...marked, init, readings: reply.readings.map(reading) };
}
