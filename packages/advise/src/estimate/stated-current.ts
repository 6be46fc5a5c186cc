// The current of a computing chip as its maker states it; where no figure is known, the typical one of chips with such a core.
import { chips } from '../chips/catalogue/index.ts';
import type { Chip, CoreName } from '../chips/chip.ts';
import { geometricMean } from './geometric-mean.ts';

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

/** Of a chip's figure, what it would be behind a linear regulator. */
const linearFigure = ({ active, supply }: Chip): readonly number[] => {
  if (active === undefined) return [];
  const { microampsPerMegahertz, volts } = active;
  return [
    supply.regulator === 'linear'
      ? microampsPerMegahertz
      : (microampsPerMegahertz * volts) / typicalVolts / switchedShare,
  ];
};

/** What chips with a core draw behind a linear regulator; of all chips where none of its family has a figure. */
const typicalOfAll = geometricMean(chips.flatMap(linearFigure));
const typicalOfCore: ReadonlyMap<CoreName, number> = new Map(
  families.flatMap((names) => {
    const figures = chips.filter(({ core }) => names.includes(core)).flatMap(linearFigure);
    return figures.length === 0 ? [] : names.map((name) => [name, geometricMean(figures)] as const);
  }),
);

/** The figure of the chip, or the geometric mean of those of its family, of all chips where the family has none. */
export function statedCurrent({ core, active, supply }: Chip): StatedCurrent {
  if (active !== undefined) {
    const { microampsPerMegahertz, volts, code } = active;
    return { microampsPerMegahertz, volts, code, typical: false };
  }
  const linear = typicalOfCore.get(core) ?? typicalOfAll;
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
