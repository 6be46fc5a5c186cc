import { describe, expect, it } from 'vitest';
import { checkKernel } from '../kernel/check.ts';
import { add, cast, index, int, long, mul, rem, select, sub } from '../kernel/expressions.ts';
import { interpret } from '../kernel/interpret.ts';
import type { Expr, Kernel, KernelArgument, MemoryType } from '../kernel/ir.ts';
import { kernelProgram } from '../kernel/testing/kernel-program.ts';
import { type Random, randomOf } from '../kernel/testing/random.ts';
import { randomData } from '../kernel/testing/random-kernel.ts';
import { runKernels } from '../kernel/testing/run-kernels.ts';
import { forEachStmt } from '../kernel/visit.ts';
import { buildKernel, type Writer } from '../kernel/writer.ts';
import { wasmSimdSpellings } from '../targets/instructions/wasm-simd.ts';
import { vectoriseDotProducts } from './vector-dot.ts';

const argument = (
  name: string,
  type: MemoryType,
  length: number,
  access: KernelArgument['access'] = 'read',
): KernelArgument => ({
  name,
  type,
  length,
  space: 'argument',
  access,
});
const x = argument('x', 'i8', 64);
const w = argument('w', 'i8', 64);
const n = argument('n', 'i32', 4);
const y = argument('y', 'i32', 4, 'update');

const kernelOf = (write: (k: Writer) => void, name = 'kernel'): Kernel => {
  const kernel = buildKernel(name, '', [x, w, n, y], write);
  checkKernel(kernel);
  return kernel;
};

/** Loops over blocks of eight, which are what a match becomes. */
function vectorLoops(kernel: Kernel): number {
  let count = 0;
  forEachStmt(kernel.body, (stmt) => {
    if (stmt.kind === 'for' && stmt.step === 8) count += 1;
  });
  return count;
}

/** acc = start; for i of from to to: acc += (x[a + i] - zeroX) * (w[b + i] - zeroW); y[0] = acc. */
interface Dot {
  readonly from?: Expr | number;
  readonly to: Expr | number;
  readonly a?: Expr | number;
  readonly b?: Expr | number;
  readonly zeroX?: number;
  readonly zeroW?: number;
}

function dot(k: Writer, { from = 0, to, a = 0, b = 0, zeroX = 0, zeroW = 0 }: Dot): void {
  const acc = k.variable('acc', k.load(y, 0));
  const at = (start: Expr | number, i: Expr): Expr => (typeof start === 'number' ? add(i, start) : add(start, i));
  k.for('i', from, to, (i) => {
    k.set(acc, add(acc, mul(sub(k.load(x, at(a, i)), zeroX), sub(k.load(w, at(b, i)), zeroW))));
  });
  k.store(y, 0, acc);
}

/** Arguments of the kernels; `n` holds what it is given. */
const contents = (random: Random, counts: readonly number[] = []) => [
  randomData(random, 'i8', 64),
  randomData(random, 'i8', 64),
  Int32Array.from({ length: 4 }, (_, i) => counts[i] ?? 0),
  randomData(random, 'i32', 4),
];

interface Run {
  readonly kernel: Kernel;
  readonly arguments: ReturnType<typeof contents>;
}

/** All kernels are vectorised, and give the same bytes as before in the interpreter and in WebAssembly. */
async function expectSame(runs: readonly Run[]): Promise<void> {
  for (const { kernel, arguments: given } of runs) {
    const rewritten = vectoriseDotProducts(kernel);
    checkKernel(rewritten);
    expect([kernel.name, vectorLoops(rewritten)]).toEqual([kernel.name, 1]);
    const [want, got] = [given.map((data) => data.slice()), given.map((data) => data.slice())];
    interpret(kernel, want);
    interpret(rewritten, got);
    expect([kernel.name, got]).toEqual([kernel.name, want]);
  }
  const program = kernelProgram(runs, vectoriseDotProducts);
  expect(program.difference(program.after, await runKernels(program, wasmSimdSpellings))).toBeUndefined();
}

describe('gives the same', () => {
  it('for every length, known and not', async () => {
    const random = randomOf(1);
    const runs: Run[] = [];
    for (let length = 1; length <= 40; length += 1) {
      const unknown = kernelOf((k) => dot(k, { to: cast('index', k.load(n, 0)), zeroX: -128 }), `unknown_${length}`);
      runs.push({ kernel: unknown, arguments: contents(random, [length]) });
      if (length < 8) continue;
      const known = kernelOf((k) => dot(k, { to: length, zeroX: -128 }), `known_${length}`);
      runs.push({ kernel: known, arguments: contents(random) });
    }
    await expectSame(runs);
  });

  it('for every zero point, of either factor or both', async () => {
    const random = randomOf(2);
    const runs: Run[] = [];
    for (let zero = -128; zero <= 128; zero += 1) {
      const zeros = random.pick([{ zeroX: zero }, { zeroW: zero }, { zeroX: zero, zeroW: -zero }]);
      const kernel = kernelOf((k) => dot(k, { to: 17, ...zeros }), `zero_${zero + 128}`);
      runs.push({ kernel, arguments: contents(random) });
    }
    await expectSame(runs);
  });

  it('for extreme elements', async () => {
    const full = (value: number) => new Int8Array(64).fill(value);
    const runs = [-128, 127].flatMap((a) =>
      [-128, 127].flatMap((b) =>
        [-128, 128].map((zero, i): Run => {
          const kernel = kernelOf(
            (k) => dot(k, { to: 64, zeroX: zero, zeroW: zero }),
            `full_${a & 255}_${b & 255}_${i}`,
          );
          return { kernel, arguments: [full(a), full(b), new Int32Array(4), Int32Array.of(2147483647, 0, 0, 0)] };
        }),
      ),
    );
    await expectSame(runs);
  });

  it('for starts and ends that are computed, empty and negative counts too', async () => {
    const random = randomOf(3);
    const runs = Array.from({ length: 150 }, (_, at): Run => {
      const counts = [random.between(-12, 10), random.between(-12, 40), random.between(12, 20), random.between(12, 20)];
      const kernel = kernelOf((k) => {
        const [from, to, a, b] = counts.map((_, i) => k.let(`n${i}`, cast('index', k.load(n, i))));
        if (from && to && a && b)
          dot(k, { from, to, a, b: random.chance(0.5) ? b : add(b, 3), zeroX: random.between(-128, 127) });
      }, `computed_${at}`);
      return { kernel, arguments: contents(random, counts) };
    });
    await expectSame(runs);
  });
});

describe('takes loops', () => {
  it('wherever they stand, with registers of their own', () => {
    const kernel = kernelOf((k) => {
      dot(k, { to: 16 });
      k.for('row', 0, 4, () => dot(k, { to: 16, zeroX: 3, zeroW: 4 }));
      k.if(
        k.load(n, 0),
        () => dot(k, { to: 9, zeroX: 5 }),
        () => dot(k, { to: 9 }),
      );
    });
    const rewritten = vectoriseDotProducts(kernel);
    checkKernel(rewritten);
    expect(vectorLoops(rewritten)).toBe(4);
  });

  it('without taking a name the kernel has', () => {
    const kernel = kernelOf((k) => {
      for (const name of ['vector_sums', 'vector_a', 'vector_a2', 'i_block', 'i_blocks']) k.let(name, k.load(n, 0));
      dot(k, { to: cast('index', k.load(n, 0)), zeroX: 1 });
    });
    expect(() => checkKernel(vectoriseDotProducts(kernel))).not.toThrow();
  });

  it('of constants', () => {
    const kernel = kernelOf((k) => {
      const weights = k.constant('weights', new Int8Array(16).fill(3));
      const acc = k.variable('acc', int(0));
      k.for('i', 0, 16, (i) => k.set(acc, add(acc, mul(k.load(x, i), k.load(weights, i)))));
      k.store(y, 0, acc);
    });
    expect(vectorLoops(vectoriseDotProducts(kernel))).toBe(1);
  });

  it('without a rest where the length is a multiple of eight', () => {
    const loops = (to: number): number => {
      let count = 0;
      forEachStmt(vectoriseDotProducts(kernelOf((k) => dot(k, { to }))).body, (stmt) => {
        if (stmt.kind === 'for') count += 1;
      });
      return count;
    };
    expect([loops(16), loops(17)]).toEqual([1, 2]);
  });
});

describe('leaves alone', () => {
  const halves = argument('halves', 'i16', 64);
  const unsigned = argument('unsigned', 'u8', 64);
  const element = (k: Writer, i: Expr): Expr => k.load(x, i);
  const weight = (k: Writer, i: Expr): Expr => k.load(w, i);
  /** A loop that adds a term to the accumulator. */
  const summing =
    (term: (k: Writer, i: Expr, acc: Expr) => Expr, step = 1) =>
    (k: Writer) => {
      const acc = k.variable('acc', int(0));
      k.for('i', 0, 16, (i) => k.set(acc, add(acc, term(k, i, acc))), step);
      k.store(y, 0, acc);
    };

  it.each<[string, (k: Writer) => void]>([
    ['loops of less than eight turns', (k) => dot(k, { to: 7 })],
    ['other steps', summing((k, i) => mul(element(k, i), weight(k, i)), 2)],
    ['zero points beyond 16 bits', (k) => dot(k, { to: 16, zeroX: 129 })],
    ['zero points beyond 16 bits below', (k) => dot(k, { to: 16, zeroX: -129 })],
    ['sums without a product', summing((k, i) => element(k, i))],
    ['products with a constant', summing((k, i) => mul(element(k, i), 3))],
    ['elements of 16 bits', summing((k, i) => mul(k.load(halves, i), weight(k, i)))],
    ['elements without sign', summing((k, i) => mul(k.load(unsigned, i), weight(k, i)))],
    ['wide loads', summing((k, i) => mul(k.load(x, i, 'i32'), weight(k, i)))],
    ['elements that are not neighbours', summing((k, i) => mul(k.load(x, mul(i, 2)), weight(k, i)))],
    ['elements taken backwards', summing((k, i) => mul(k.load(x, sub(index(20), i)), weight(k, i)))],
    ['the same element in every turn', summing((k, i) => mul(k.load(x, 3), weight(k, i)))],
    ['positions in a ring', summing((k, i) => mul(k.load(x, rem(i, 5)), weight(k, i)))],
    ['positions that follow the sum', summing((k, i, acc) => mul(k.load(x, add(cast('index', acc), i)), weight(k, i)))],
    ['factors that follow the sum', summing((k, i, acc) => mul(sub(element(k, i), acc), weight(k, i)))],
    ['a constant less an element', summing((k, i) => mul(sub(int(3), element(k, i)), weight(k, i)))],
    [
      'a zero point that is a variable',
      (k) => {
        const zero = k.let('zero', k.load(n, 0));
        summing((inner, i) => mul(sub(element(inner, i), zero), weight(inner, i)))(k);
      },
    ],
    ['terms under a condition', summing((k, i) => select(element(k, i), mul(element(k, i), weight(k, i)), int(0)))],
    [
      'differences',
      (k) => {
        const acc = k.variable('acc', int(0));
        k.for('i', 0, 16, (i) => k.set(acc, sub(acc, mul(element(k, i), weight(k, i)))));
        k.store(y, 0, acc);
      },
    ],
    [
      'sums in 64 bits',
      (k) => {
        const acc = k.variable('acc', long(0));
        k.for('i', 0, 16, (i) => k.set(acc, add(acc, cast('i64', mul(element(k, i), weight(k, i))))));
        k.store(y, 0, cast('i32', acc));
      },
    ],
    [
      'loops that do more',
      (k) => {
        const acc = k.variable('acc', int(0));
        k.for('i', 0, 16, (i) => {
          k.set(acc, add(acc, mul(element(k, i), weight(k, i))));
          k.store(y, 1, acc);
        });
      },
    ],
    [
      'sums of scratch memory',
      (k) => {
        const scratch = k.alloc('scratch', 'i8', 16);
        k.for('s', 0, 16, (s) => k.store(scratch, s, int(1)));
        summing((inner, i) => mul(inner.load(scratch, i), weight(inner, i)))(k);
      },
    ],
  ])('%s', (_, write) => {
    const kernel = buildKernel('kernel', '', [x, w, n, y, halves, unsigned], write);
    checkKernel(kernel);
    expect(vectoriseDotProducts(kernel)).toEqual(kernel);
  });

  it('an end that follows the sum', () => {
    const kernel = kernelOf((k) => {
      const acc = k.variable('acc', int(20));
      k.for('i', 0, cast('index', acc), (i) => k.set(acc, add(acc, mul(element(k, i), weight(k, i)))));
      k.store(y, 0, acc);
    });
    expect(vectoriseDotProducts(kernel)).toEqual(kernel);
  });
});
