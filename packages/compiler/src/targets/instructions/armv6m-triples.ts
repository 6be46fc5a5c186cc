// The routines of triples.ts in the instructions of Armv6-M, the 16-bit ones of Thumb.
import type { Spellings } from '../../kernel/spelling.ts';
import { dotSpelling } from './armv6m-dot.ts';
import { packSpellings } from './armv6m-pack.ts';
import { rowSpelling } from './armv6m-row.ts';
import { slideSpelling } from './armv6m-slide.ts';
import type { TripleVariant } from './triples.ts';

const variants: readonly TripleVariant[] = ([1, 2] as const).flatMap((triples) =>
  [true, false].map((relu) => ({ triples, relu })),
);

/** All routines of triples.ts. */
export const armv6mTriples: Spellings = Object.assign(
  {},
  packSpellings,
  ...variants.flatMap((variant) => [
    ...[false, true].map((chunked) => dotSpelling({ ...variant, chunked })),
    slideSpelling(variant),
  ]),
  ...[true, false].map((relu) => rowSpelling({ relu })),
);
