// Instructions in random kernels: made-up ones that no target spells, and those of WebAssembly's vectors, in an order that
// reads nothing unwritten.
import { add32x4, dot16x8, load8x8, splat16x8, sub16x8, v128, zero32x4 } from '../../targets/instructions/wasm-simd.ts';
import { add } from '../expressions.ts';
import type { Expr, Instr, MemoryType, Region } from '../ir.ts';
import { defineInstr, type Writer } from '../writer.ts';
import type { Random } from './random.ts';
import { type Environment, randomIndex, randomLoad, randomValue, type Variable } from './random-expression.ts';

/** An instruction that no target spells, so that its meaning is inlined. */
export function randomInstruction(env: Environment): void {
  const { k, random } = env;
  const from = random.pick(env.regions.filter(({ region }) => typeof region.space === 'string')).region;
  const possible = env.regions.filter(
    ({ region, writable }) => writable && region !== from && typeof region.space === 'string',
  );
  if (possible.length === 0) return;
  const to = random.pick(possible).region;
  const lanes = random.between(1, Math.min(from.length, to.length));
  const own = randomInstr(random, from.type, to.type, lanes);
  const at = (region: Region): Expr => randomIndex(env, 0, region.length - lanes, 1);
  k.instr(own, { region: from, at: at(from) }, randomValue(env, 'i32', 2), { region: to, at: at(to) });
}

function randomInstr(random: Random, from: MemoryType, to: MemoryType, lanes: number): Instr {
  return defineInstr(
    `combine_${from}_${to}_${lanes}`,
    [
      { name: 'from', kind: 'region', type: from, lanes, access: 'read', in: 'memory' },
      { name: 'scalar', kind: 'scalar', type: 'i32' },
      { name: 'to', kind: 'region', type: to, lanes, access: 'update', in: 'memory' },
    ],
    (k: Writer, regions, { scalar }) => {
      if (scalar?.kind !== 'var') return;
      const regionsInside = Object.values(regions).map((region) => ({ region, writable: region.name === 'to' }));
      k.for('lane', 0, lanes, (lane) => {
        const variables: Variable[] = [{ expr: scalar, mutable: false, low: 0, high: 0 }];
        if (lane.kind === 'var') variables.push({ expr: lane, mutable: false, low: 0, high: lanes - 1 });
        const env: Environment = { k, random, variables, regions: regionsInside, fns: [] };
        const old = randomLoad({ ...env, regions: regionsInside.filter(({ writable }) => writable) }, to);
        const [type, into] = [old?.type ?? 'i32', regions.to];
        if (old !== undefined && into !== undefined) k.store(into, lane, add(old, randomValue(env, type, 3)));
      });
    },
  );
}

/** Statements over vector registers; eight int8 are read from any region that has them. */
export function randomVectors(env: Environment): void {
  const { k, random } = env;
  const bytes = env.regions.filter(
    ({ region }) => region.type === 'i8' && region.length >= 8 && typeof region.space === 'string',
  );
  if (bytes.length === 0) return;
  const source = (): { readonly region: Region; readonly at: Expr } => {
    const { region } = random.pick(bytes);
    return { region, at: randomIndex(env, 0, region.length - 8, 1) };
  };
  const scalar = randomValue(env, 'i32', 2);
  const halves = ['a', 'b', 'c'].map((name) => ({ region: k.alloc(`vector_${name}`, 'i16', 8, v128) }));
  const words = ['sums', 'products'].map((name) => ({ region: k.alloc(`vector_${name}`, 'i32', 4, v128) }));
  const half = (): { readonly region: Region } => random.pick(halves);
  const word = (): { readonly region: Region } => random.pick(words);
  for (const register of halves) {
    if (random.chance(0.7)) k.instr(load8x8, source(), register);
    else k.instr(splat16x8, scalar, register);
  }
  for (const register of words) {
    if (random.chance(0.5)) k.instr(zero32x4, register);
    else k.instr(dot16x8, half(), half(), register);
  }
  for (let n = random.below(4); n > 0; n -= 1) {
    random.pick([
      () => k.instr(sub16x8, half(), half(), half()),
      () => k.instr(add32x4, word(), word(), word()),
      () => k.instr(dot16x8, half(), half(), word()),
    ])();
  }
  env.regions.push(...[...halves, ...words].map(({ region }) => ({ region, writable: false })));
}
