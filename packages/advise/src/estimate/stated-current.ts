// The current of a computing chip as its maker states it; where no figure is known, the typical one of chips with such a core.
import { chips } from '../chips/catalogue/index.ts';
import type { Chip, CoreName } from '../chips/chip.ts';

export interface StatedCurrent {
  readonly microampsPerMegahertz: number;
  readonly volts: number;
  /** What ran meanwhile. Figures for code that is not named are more favourable. */
  readonly code: 'coremark' | 'unnamed';
  /** Chips with such a core, not this one, were the source. */
  readonly typical: boolean;
}

/** Cores that draw about the same at a clock. */
const families: readonly (readonly CoreName[])[] = [
  ['cortex-m0', 'cortex-m0plus'],
  ['cortex-m3', 'cortex-m4'],
  ['cortex-m33'],
  ['cortex-m7', 'cortex-m55', 'cortex-m85'],
];

/**
 * What a switching regulator makes of a linear one's current: the core's 1.2 V of the supply's 3.3 V, at an efficiency of 85 %.
 */
const switchedShare = 1.2 / 3.3 / 0.85;

const typicalVolts = 3.3;

/** The figure of the chip, or the geometric mean of those of its family, of all chips where the family has none. */
export function statedCurrent({ core, active, supply }: Chip): StatedCurrent {
  if (active !== undefined)
    return {
      microampsPerMegahertz: active.microampsPerMegahertz,
      volts: active.volts,
      code: active.code,
      typical: false,
    };
  const family = families.find((names) => names.includes(core));
  const figures = (names: readonly CoreName[] | undefined): readonly number[] =>
    chips.flatMap((other) => {
      if (other.active === undefined || (names !== undefined && !names.includes(other.core))) return [];
      const { microampsPerMegahertz, volts } = other.active;
      const linear = other.supply.regulator === 'linear';
      return [linear ? microampsPerMegahertz : (microampsPerMegahertz * volts) / typicalVolts / switchedShare];
    });
  const own = family === undefined ? [] : figures(family);
  const used = own.length > 0 ? own : figures(undefined);
  const linear = Math.exp(used.reduce((total, value) => total + Math.log(value), 0) / used.length);
  const share = supply.regulator === 'linear' ? 1 : switchedShare;
  return { microampsPerMegahertz: linear * share, volts: typicalVolts, code: 'unnamed', typical: true };
}

/**
 * Milliwatts per megahertz by the stated current. Behind a linear regulator the current is the same at every voltage; a switching one
 * draws the same power.
 */
export function statedPower(chip: Chip, volts: number | undefined): number {
  const stated = statedCurrent(chip);
  const at = chip.supply.regulator === 'linear' && volts !== undefined ? volts : stated.volts;
  return (stated.microampsPerMegahertz * at) / 1000;
}
