// Where a model should run: the ways that are possible, the cheapest of them, why, and which answer would change that.
import type { Graph } from '@anymote/compiler';
import { chips as catalogue } from '../chips/catalogue/index.ts';
import type { Chip } from '../chips/chip.ts';
import { formatBytes, formatUsd } from '../format.ts';
import { type ModelNeeds, needsOf } from '../needs/model-needs.ts';
import { type Answers, readAnswers, type WrittenAnswers } from './answers.ts';
import { breakEvenMonths } from './costs.ts';
import { type Prices, prices as usualPrices } from './prices.ts';
import { type Flip, flipsOf } from './sensitivity.ts';
import { type Way, type WayName, wayTitle } from './way.ts';
import { waysFor } from './ways.ts';

export interface Advice {
  readonly answers: Answers;
  readonly ways: readonly Way[];
  /** Absent where no way is possible. */
  readonly recommended?: WayName;
  readonly reasons: readonly string[];
  /** Changes of one answer that change the advice, the nearest first. */
  readonly flips: readonly Flip[];
  /** Months after which two ways that are possible have cost the same. */
  readonly breakEvens: readonly { readonly between: readonly [WayName, WayName]; readonly months: number }[];
  readonly pricesAsOf: string;
}

export interface AdviseOptions {
  readonly chips?: readonly Chip[];
  readonly prices?: Prices;
}

/** Random cases of latency: for what is shown, and for each of many variants. */
const cases = { shown: 10_000, variant: 1000 } as const;

/**
 * Advice for a model under answers. A graph is compiled first; needs are used as they are.
 * @throws {AdviceError} with all that is wrong with the answers
 */
export function advise(
  { model, ...written }: WrittenAnswers & { readonly model: Graph | ModelNeeds },
  options: AdviseOptions = {},
): Advice {
  const answers = readAnswers(written, 'answers');
  const needs = 'builds' in model ? model : needsOf(model);
  return adviceFor(answers, needs, options);
}

/** Advice for answers that were read already. */
export function adviceFor(
  answers: Answers,
  needs: ModelNeeds,
  { chips = catalogue, prices = usualPrices }: AdviseOptions = {},
): Advice {
  const ways = waysFor(answers, needs, { chips, prices, cases: cases.shown });
  const choose = (variant: Answers): WayName | undefined =>
    chosen(waysFor(variant, needs, { chips, prices, cases: cases.variant }))?.name;
  const best = chosen(ways);
  return {
    answers,
    ways,
    ...(best === undefined ? {} : { recommended: best.name }),
    reasons: reasonsFor(ways, best, answers),
    flips: flipsOf(answers, choose),
    breakEvens: breakEvensOf(ways),
    pricesAsOf: prices.asOf,
  };
}

const possible = ({ obstacles }: Way): boolean => obstacles.length === 0;

/** The cheapest that is possible. */
const chosen = (ways: readonly Way[]): Way | undefined =>
  ways
    .filter(possible)
    .reduce<Way | undefined>((a, b) => (a === undefined || b.costs.totalUsd < a.costs.totalUsd ? b : a), undefined);

function reasonsFor(ways: readonly Way[], best: Way | undefined, { months, sensitive }: Answers): readonly string[] {
  const ruledOut = ways
    .filter((way) => !possible(way))
    .map(({ name, obstacles }) => `${wayTitle(name)} it cannot be: ${obstacles.join('; ')}.`);
  if (best === undefined) return ['No way meets all answers.', ...ruledOut];
  const dearer = ways
    .filter((way) => possible(way) && way !== best)
    .map(
      ({ name, costs }) =>
        `${wayTitle(name)} it costs ${formatUsd(costs.totalUsd)} over ${months} months instead of ${formatUsd(best.costs.totalUsd)}.`,
    );
  const leaves =
    best.leavesBytesPerDay === 0
      ? 'No data leaves the site.'
      : `${formatBytes(best.leavesBytesPerDay)} a day leave the site${sensitive && best.name === 'data centre' ? ', sensitive as they are' : ''}.`;
  const unsure =
    best.fitting === undefined || best.fitting.certain
      ? []
      : [
          `That the ${best.fitting.chip.name} keeps the demands holds in the middle of its estimates, not over all of their intervals.`,
        ];
  return [...ruledOut, ...dearer, leaves, ...unsure];
}

function breakEvensOf(all: readonly Way[]): Advice['breakEvens'] {
  const ways = all.filter(possible);
  return ways.flatMap((a, i) =>
    ways.slice(i + 1).flatMap((b) => {
      const months = breakEvenMonths(a.costs, b.costs);
      return months === undefined ? [] : [{ between: [a.name, b.name] as const, months }];
    }),
  );
}
