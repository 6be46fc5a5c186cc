// What decides where a model runs, as a user answers it, and the contradictions answers can have.
import { z } from 'zod';
import { AdviceError } from '../advice-error.ts';
import { describe } from '../chips/read-chips.ts';
import type { Battery } from '../estimate/battery.ts';
import { formatMs, formatRate } from '../format.ts';
import { parseBattery, parseQuantity, type QuantityKind } from '../quantities.ts';

export const networkNames = ['none', 'satellite', 'lpwan', 'mobile', 'wifi', 'wired'] as const;
export const learningNames = ['never', 'yearly', 'monthly', 'daily', 'continual'] as const;

const quantity = (kind: QuantityKind) =>
  z.union([z.string(), z.number()]).transform((given, context): number => {
    const value = parseQuantity(kind, String(given));
    if (typeof value === 'number') return value;
    context.addIssue({ code: 'custom', message: value.problem });
    return z.NEVER;
  });

const battery = z.string().transform((given, context): Battery => {
  const value = parseBattery(given);
  if (!('problem' in value)) return value;
  context.addIssue({ code: 'custom', message: value.problem });
  return z.NEVER;
});

/** The answers. Quantities are text with their unit. */
export const answersSchema = z.strictObject({
  title: z.string().optional(),
  /** How many devices, at how many places, and for how many months. */
  devices: z.number().int().min(1).max(10_000_000),
  sites: z.number().int().min(1).default(1),
  months: z.number().min(1).max(240),
  /** Inferences of one device, such as 10/min. */
  rate: quantity('rate'),
  /** Within which an answer is of use, such as 100ms. */
  latency: quantity('latency'),
  /** The share of answers that must come within it. */
  inTime: z.number().min(0).max(1).default(0.99),
  /** Where the devices are. */
  network: z.enum(networkNames),
  /** The share of time the network is there; what is usual for it unless given. */
  availability: z.number().gt(0).max(1).optional(),
  /** A cell each device lives on, such as 230mAh@3V, and how long it must last. Without one there is mains power. */
  battery: battery.optional(),
  mains: z.boolean().optional(),
  life: quantity('duration').optional(),
  /** Law, contract or prudence keep the data where it arises. */
  dataMustStay: z.boolean().default(false),
  /** Faces, voices, health. */
  sensitive: z.boolean().default(false),
  /** All inputs are to be collected in one place. */
  collectData: z.boolean().default(false),
  /** The share of results that somebody elsewhere wants to see. */
  reported: z.number().min(0).max(1).default(0.01),
  /** How often the model learns from new data. */
  learning: z.enum(learningNames).default('yearly'),
  /** The model may become of any size. */
  anySize: z.boolean().default(false),
  /** The most that all of it may cost, in US dollars. */
  budget: quantity('money').optional(),
  /** The most one chip may cost. */
  chipPrice: quantity('money').optional(),
});

export type Answers = z.output<typeof answersSchema>;
/** As they are written: quantities as text. */
export type WrittenAnswers = z.input<typeof answersSchema>;

/** Answers of a parsed file. @throws {AdviceError} with every field that is wrong and every contradiction */
export function readAnswers(parsed: unknown, file: string): Answers {
  const result = answersSchema.safeParse(parsed);
  if (!result.success) throw new AdviceError(result.error.issues.map((issue) => `${file}: ${describe(issue)}`));
  const found = contradictionsIn(result.data);
  if (found.length > 0) throw new AdviceError(found.map((one) => `${file}: ${one}`));
  return result.data;
}

/** Pairs of answers that cannot both hold, in words that name both. */
export function contradictionsIn(answers: Answers): readonly string[] {
  const {
    network,
    learning,
    collectData,
    dataMustStay,
    mains,
    battery: cell,
    life,
    sites,
    devices,
    availability,
  } = answers;
  const pairs: readonly (readonly [boolean, string])[] = [
    [
      network === 'none' && collectData,
      'network: none and collectData: true: without a network nothing can be collected',
    ],
    [
      network === 'none' && (learning === 'daily' || learning === 'continual'),
      `network: none and learning: ${learning}: what was learned has no way to the devices`,
    ],
    [
      network === 'none' && availability !== undefined,
      `network: none and availability: ${availability}: there is nothing to be available`,
    ],
    [
      dataMustStay && collectData,
      'dataMustStay: true and collectData: true: the data cannot stay and be collected elsewhere',
    ],
    [mains === true && cell !== undefined, 'mains: true and battery: one of the two'],
    [life !== undefined && cell === undefined, 'life and no battery: what must last so long?'],
    [sites > devices, `sites: ${sites} and devices: ${devices}: there are places without a device`],
    [
      answers.rate * (answers.latency / 1000) > 1000,
      `rate: ${formatRate(answers.rate)} and latency: ${formatMs(answers.latency)}: a thousand answers would be awaited at a time`,
    ],
  ];
  return pairs.flatMap(([holds, text]) => (holds ? [text] : []));
}
