// Which answer would change the advice: every answer is changed by itself, choices to each other choice, numbers up and down until the
// advice flips, and then to where it does.
import { formatHours, formatMs, formatRate, formatUsd } from '../format.ts';
import { type Answers, contradictionsIn, learningNames, networkNames } from './answers.ts';
import type { WayName } from './way.ts';

export interface Flip {
  readonly answer: keyof Answers;
  /** As it is, and what it would have to be, in words. */
  readonly from: string;
  readonly to: string;
  /** What is advised then; absent where nothing is possible any more. */
  readonly advised?: WayName;
  /** How far the change is: a ratio of numbers, or 2 for another choice. */
  readonly distance: number;
}

interface NumberAnswer {
  readonly name: 'devices' | 'months' | 'rate' | 'latency' | 'budget' | 'life';
  readonly text: (value: number) => string;
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
}

const numbers: readonly NumberAnswer[] = [
  { name: 'devices', text: (value) => String(Math.round(value)), least: 1, most: 1e7, whole: true },
  { name: 'months', text: (value) => `${value.toFixed(0)}`, least: 1, most: 240, whole: true },
  { name: 'rate', text: formatRate, least: 1e-6, most: 1e5 },
  { name: 'latency', text: formatMs, least: 0.01, most: 1e7 },
  { name: 'budget', text: formatUsd, least: 1, most: 1e12 },
  { name: 'life', text: formatHours, least: 1, most: 9e4 },
];

const farthest = 1024;

/** Changes of one answer that flip a choice, the nearest first. */
export function flipsOf(answers: Answers, choose: (answers: Answers) => WayName | undefined): readonly Flip[] {
  const now = choose(answers);
  const flips: Flip[] = [];
  const add = (flip: Omit<Flip, 'advised'>, advised: WayName | undefined): void => {
    flips.push({ ...flip, ...(advised === undefined ? {} : { advised }) });
  };
  for (const number of numbers)
    for (const factor of [2, 0.5]) {
      const value = flipAt(answers, number, factor, now, choose);
      const given = answers[number.name];
      if (value === undefined || given === undefined) continue;
      const distance = Math.max(value / given, given / value);
      add(
        { answer: number.name, from: number.text(given), to: number.text(value), distance },
        choose(withNumber(answers, number.name, value)),
      );
    }
  for (const variant of choices(answers)) {
    const changed = { ...answers, ...variant.change };
    if (contradictionsIn(changed).length > 0) continue;
    const advised = choose(changed);
    if (advised !== now) add({ answer: variant.answer, from: variant.from, to: variant.to, distance: 2 }, advised);
  }
  return flips.sort((a, b) => a.distance - b.distance);
}

/** Answers with another number; there are no more places than devices. */
const withNumber = (answers: Answers, name: NumberAnswer['name'], value: number): Answers => ({
  ...answers,
  [name]: value,
  ...(name === 'devices' ? { sites: Math.min(answers.sites, value) } : {}),
});

/** The value nearest to the given one, in one direction, at which the choice is another. */
function flipAt(
  answers: Answers,
  { name, least, most, whole }: NumberAnswer,
  factor: number,
  now: WayName | undefined,
  choose: (answers: Answers) => WayName | undefined,
): number | undefined {
  const given = answers[name];
  if (given === undefined) return undefined;
  const bounded = (value: number): number => {
    const inside = Math.min(most, Math.max(least, value));
    return whole ? Math.round(inside) : inside;
  };
  const other = (value: number): boolean => {
    const changed = withNumber(answers, name, value);
    return contradictionsIn(changed).length === 0 && choose(changed) !== now;
  };
  let near = given;
  for (let times = factor; times <= farthest && times >= 1 / farthest; times *= factor) {
    const far = bounded(given * times);
    if (far === near) return undefined;
    if (!other(far)) {
      near = far;
      continue;
    }
    let [same, flipped] = [near, far];
    for (let step = 0; step < 12 && Math.abs(flipped - same) > (whole ? 1 : same / 100); step += 1) {
      const middle = bounded(Math.sqrt(same * flipped));
      if (middle === same || middle === flipped) break;
      if (other(middle)) flipped = middle;
      else same = middle;
    }
    return flipped;
  }
  return undefined;
}

interface Variant {
  readonly answer: keyof Answers;
  readonly from: string;
  readonly to: string;
  readonly change: Partial<Answers>;
}

function choices(answers: Answers): readonly Variant[] {
  const flags = ['dataMustStay', 'collectData', 'anySize'] as const;
  return [
    ...networkNames
      .filter((name) => name !== answers.network)
      .map((network): Variant => ({ answer: 'network', from: answers.network, to: network, change: { network } })),
    ...learningNames
      .filter((name) => name !== answers.learning)
      .map((learning): Variant => ({ answer: 'learning', from: answers.learning, to: learning, change: { learning } })),
    ...flags.map(
      (flag): Variant => ({
        answer: flag,
        from: answers[flag] ? 'yes' : 'no',
        to: answers[flag] ? 'no' : 'yes',
        change: { [flag]: !answers[flag] },
      }),
    ),
  ];
}
