// A chip and a board as data, and the schema that checks both. What a figure rests on is part of the entry: `verified` says that the
// fields in `verifiedFields` were read in `source`; every other field is recalled.
import { z } from 'zod';

const positive = z.number().positive();
const text = z.string().min(1);
const id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');

/** Cores by the name compilers give them. */
export const coreNames = [
  'cortex-m0',
  'cortex-m0plus',
  'cortex-m3',
  'cortex-m4',
  'cortex-m7',
  'cortex-m33',
  'cortex-m55',
  'cortex-m85',
  'rv32imc',
  'rv32imac',
  'rv32imafc',
  'rv32imafcp',
  'rv32ec',
  'rv64gc',
  'xtensa-lx106',
  'xtensa-lx6',
  'xtensa-lx7',
  'rxv2',
  'rh850-g3kh',
  'avr8',
  'msp430x',
] as const;

/** `ble`: Bluetooth Low Energy; `bluetooth`: Classic. */
export const radioNames = ['ble', 'bluetooth', 'wifi', '802.15.4', 'sub-ghz'] as const;

const price = z.strictObject({
  /** Lowest and highest price of one, in US dollars, in small quantities. */
  usd: z.tuple([z.number().nonnegative(), positive]).refine(([low, high]) => low <= high, 'the lower price first'),
  /** Year, or year and month, of the price. */
  asOf: z.string().regex(/^\d{4}(-\d{2})?$/, 'a year, or year and month, such as 2025-06'),
  source: text,
});

export const chipSchema = z.strictObject({
  id,
  name: text,
  vendor: text,
  /** The core that runs the model, and all cores where there are more. */
  core: z.enum(coreNames),
  cores: text.optional(),
  features: z.array(z.enum(['dsp', 'fpu', 'double-fpu', 'helium', 'trustzone'])),
  /** An accelerator of neural networks or signals. It is named, not used. */
  accelerator: text.optional(),
  /** The highest clock of the core. */
  clockMegahertz: positive,
  /** On the chip; 0: code is executed from external flash. */
  flashKib: z.number().nonnegative(),
  /** What modules with the chip usually have, where flash is external. */
  externalFlashKib: positive.optional(),
  ramKib: positive,
  /** The largest piece of adjoining addresses, where not all RAM adjoins. */
  largestRamKib: positive.optional(),
  ramBanks: z.array(z.strictObject({ name: text, kib: positive })).optional(),
  /** How long a line of flash takes, bytes of a line, and bytes of cache before it. Recalled for all chips. */
  flash: z.strictObject({
    lineNanoseconds: z.number().nonnegative(),
    lineBytes: positive,
    cacheBytes: z.number().nonnegative(),
  }),
  supply: z.strictObject({ volts: z.tuple([positive, positive]), regulator: z.enum(['linear', 'switching']) }),
  /** Current while it computes, at a voltage. `code`: what ran meanwhile, where that is named. */
  active: z
    .strictObject({
      microampsPerMegahertz: positive,
      volts: positive,
      code: z.enum(['coremark', 'unnamed']),
      condition: text,
      source: text,
    })
    .optional(),
  /** The lowest current that is useful between inferences. */
  sleep: z.strictObject({ microamps: z.number().nonnegative(), condition: text, source: text }).optional(),
  radios: z.array(z.enum(radioNames)),
  price,
  verified: z.boolean(),
  verifiedFields: z.array(text),
  source: text,
});

export const boardSchema = z.strictObject({
  id,
  name: text,
  vendor: text,
  /** The id of its chip. */
  chip: id,
  /** Where it is lower than the chip's. */
  clockMegahertz: positive.optional(),
  externalFlashKib: positive.optional(),
  externalRamKib: positive.optional(),
  /** Where they are not the chip's. */
  radios: z.array(z.enum(radioNames)).optional(),
  price,
  verified: z.boolean(),
  source: text,
});

export type CoreName = (typeof coreNames)[number];
export type Radio = (typeof radioNames)[number];
export type Chip = z.infer<typeof chipSchema>;
export type Board = z.infer<typeof boardSchema>;
