import { describe, expect, it } from 'vitest';
import type { Data } from '../../tensor/dtype.ts';
import { checkKernel } from '../check.ts';
import { add, index, int, lt, max, mul } from '../expressions.ts';
import { interpret } from '../interpret.ts';
import type { KernelArgument } from '../ir.ts';
import { randomKernel } from '../testing/random-kernel.ts';
import { buildKernel, defineInstr, type Writer } from '../writer.ts';
import { dropUnused } from './drop-unused.ts';

const x: KernelArgument = { name: 'x', type: 'i32', length: 4, space: 'argument', access: 'read' };
const y: KernelArgument = { ...x, name: 'y', access: 'write' };
const z: KernelArgument = { ...x, name: 'z', access: 'update' };

const dropped = (write: (k: Writer) => void) => {
  const result = dropUnused(buildKernel('kernel', '', [x, y, z], write));
  checkKernel(result.kernel);
  return result;
};

describe('leaves out', () => {
  it.each<[string, (k: Writer) => void]>([
    ['values nothing reads', (k) => k.let('v', k.load(x, 0))],
    ['values only such values read', (k) => k.let('v', add(k.let('u', k.load(x, 0)), 1))],
    [
      'accumulators nothing reads',
      (k) => {
        const acc = k.variable('acc', int(0));
        k.for('i', 0, 4, (i) => k.set(acc, add(acc, k.load(x, i))));
      },
    ],
    [
      'accumulators by other operators',
      (k) => {
        const most = k.variable('most', int(0));
        k.for('i', 0, 4, (i) => k.set(most, max(most, k.load(x, i))));
      },
    ],
    [
      'loops and branches without statements',
      (k) =>
        k.for('i', 0, 4, (i) =>
          k.if(
            lt(k.load(x, i), 3),
            () => k.let('a', i),
            () => k.let('b', i),
          ),
        ),
    ],
  ])('%s', (_, write) => {
    const { kernel, kept } = dropped(write);
    expect(kernel.body).toEqual([]);
    expect(kernel.arguments).toEqual([y, z]);
    expect(kept).toEqual([1, 2]);
  });

  it('constants nothing reads any more', () => {
    const { kernel } = dropped((k) => {
      k.let('unread', k.load(k.constant('a', Int8Array.of(1)), 0));
      k.store(y, 0, k.load(k.constant('b', Int8Array.of(1)), 0));
    });
    expect(kernel.constants.map(({ name }) => name)).toEqual(['b']);
  });
});

describe('keeps', () => {
  const swap = defineInstr(
    'swap',
    [{ name: 'a', kind: 'region', type: 'i32', lanes: 2, access: 'update', in: 'memory' }],
    (k, { a }) => {
      if (a === undefined) return;
      const first = k.let('first', k.load(a, 0));
      k.store(a, 0, k.load(a, 1));
      k.store(a, 1, first);
    },
  );

  it.each<[string, number, (k: Writer) => void]>([
    ['stores', 1, (k) => k.store(y, 0, int(1))],
    [
      'stores in one branch',
      2,
      (k) =>
        k.if(
          lt(k.load(x, 0), 0),
          () => k.let('v', int(1)),
          () => k.store(y, 0, int(1)),
        ),
    ],
    ['what stores read', 2, (k) => k.store(y, 0, mul(k.variable('v', k.load(x, 0)), 3))],
    ['what positions read', 2, (k) => k.store(y, k.variable('at', index(2)), int(1))],
    [
      'what bounds and tests read',
      5,
      (k) => {
        const end = k.variable('end', index(2));
        const flag = k.variable('flag', int(1));
        k.for('i', 0, end, (i) => k.if(flag, () => k.store(y, i, int(1))));
      },
    ],
    [
      'accumulators that are read',
      4,
      (k) => {
        const acc = k.variable('acc', int(0));
        k.for('i', 0, 4, (i) => k.set(acc, add(acc, k.load(x, i))));
        k.store(y, 0, acc);
      },
    ],
    [
      'variables another update reads',
      6,
      (k) => {
        const [a, b] = [k.variable('a', int(1)), k.variable('b', int(2))];
        k.for('i', 0, 4, () => {
          k.set(a, add(a, b));
          k.set(b, add(b, a));
        });
        k.store(y, 0, b);
      },
    ],
    ['instructions', 1, (k) => k.instr(swap, { region: z })],
  ])('%s', (_, statements, write) => {
    let count = 0;
    const counted = (body: ReturnType<typeof dropped>['kernel']['body']): void => {
      for (const stmt of body) {
        count += 1;
        if (stmt.kind === 'for') counted(stmt.body);
        if (stmt.kind === 'if') [stmt.then, stmt.else].forEach(counted);
      }
    };
    counted(dropped(write).kernel.body);
    expect(count).toBe(statements);
  });
});

it('random kernels write the same', () => {
  for (let seed = 0; seed < 150; seed += 1) {
    const random = randomKernel(seed);
    const whole = random.arguments();
    interpret(random.kernel, whole);
    const { kernel, kept } = dropUnused(random.kernel);
    checkKernel(kernel);
    const contents = random.arguments();
    interpret(
      kernel,
      kept.map((i) => contents[i] as Data),
    );
    expect([seed, contents]).toEqual([seed, whole]);
  }
});
