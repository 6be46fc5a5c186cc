// The list of targets, in the order listings show them.
import { cortexM0plus } from './cortex-m0plus.ts';
import { cortexM3 } from './cortex-m3.ts';
import { cortexM4 } from './cortex-m4.ts';
import { cortexM7 } from './cortex-m7.ts';
import { cortexM33 } from './cortex-m33.ts';
import { cortexM55 } from './cortex-m55.ts';
import { host } from './host.ts';
import { rv32imc } from './rv32imc.ts';
import type { Target } from './target.ts';
import { wasm } from './wasm.ts';
import { wasmScalar } from './wasm-scalar.ts';

export const targets: readonly Target[] = [
  cortexM0plus,
  cortexM3,
  cortexM4,
  cortexM7,
  cortexM33,
  cortexM55,
  rv32imc,
  host,
  wasm,
  wasmScalar,
];
