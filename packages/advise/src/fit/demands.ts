// What is demanded of a chip. Everything is optional: what is not demanded rules nothing out.
import { AdviceError } from '../advice-error.ts';
import type { Radio } from '../chips/chip.ts';
import type { Battery } from '../estimate/battery.ts';

export interface Demands {
  /** The longest an inference may take. */
  readonly latencyMs?: number;
  /** Inferences a second. */
  readonly ratePerSecond?: number;
  readonly battery?: Battery;
  /** The shortest the battery may last. */
  readonly lifeHours?: number;
  /** The most one chip may cost, in US dollars. */
  readonly maxPriceUsd?: number;
  readonly radios?: readonly Radio[];
  /** RAM for the rest of the program, and for its stack; flash for the rest of the program. */
  readonly reserveRamBytes?: number;
  readonly stackBytes?: number;
  readonly reserveFlashBytes?: number;
}

/** What a small application without an operating system usually takes. */
export const usualReserve = { reserveRamBytes: 8 * 1024, stackBytes: 2 * 1024, reserveFlashBytes: 32 * 1024 } as const;

/** @throws {AdviceError} where demands contradict each other */
export function checkDemands(demands: Demands): void {
  const found = contradictionsIn(demands);
  if (found.length > 0) throw new AdviceError(found);
}

/** What contradicts itself or is missing, in words that name both. */
function contradictionsIn({ battery, lifeHours, ratePerSecond }: Demands): readonly string[] {
  const found: string[] = [];
  if (lifeHours !== undefined && battery === undefined)
    found.push('a life is demanded and no battery given: add one, such as 230mAh@3V');
  if (battery !== undefined && ratePerSecond === undefined)
    found.push('a battery is given and no rate of inferences: add one, such as 1/min');
  return found;
}
