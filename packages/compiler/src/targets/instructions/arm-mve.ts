// The vector routines of Armv8.1-M (Helium) that kernels call, and what a file that has them needs.
// Source: Armv8-M Architecture Reference Manual.
import type { Spellings } from '../../kernel/spelling.ts';
import { copySpellings } from './arm-mve-copy.ts';
import { mveDepthwiseSpellings } from './arm-mve-depthwise.ts';
import { mveDotSpellings } from './arm-mve-dot.ts';

export const armMveSpellings: Spellings = {
  ...copySpellings,
  ...mveDepthwiseSpellings,
  ...mveDotSpellings,
};

export const armMvePreamble = [
  '#if !defined(__ARM_FEATURE_MVE)',
  '#error "the vector instructions of Armv8.1-M are needed"',
  '#endif',
].join('\n');
