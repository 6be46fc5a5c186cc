// Which name was meant.
import { expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

const names = ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m7', 'rv32imc', 'host', 'wasm', 'wasm-scalar'];

it.each([
  ['cortex-m44', 'cortex-m4'],
  ['cortexm4', 'cortex-m4'],
  ['Cortex-M7', 'cortex-m7'],
  ['m4', 'cortex-m4'],
  ['m0', 'cortex-m0plus'],
  ['rv32', 'rv32imc'],
  ['wsam', 'wasm'],
  ['scalar', 'wasm-scalar'],
  ['xtensa-lx6', undefined],
  ['', undefined],
])("'%s' means %s", (given, meant) => expect(nearestName(given, names)).toBe(meant));
