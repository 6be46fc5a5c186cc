import { describe, expect, it } from 'vitest';
import { compile } from '../../compile.ts';
import type { Value } from '../../graph/graph.ts';
import { add, and, call, cast, index, int, select } from '../../kernel/expressions.ts';
import { requantise } from '../../kernel/fixed-point.ts';
import { type Expr, type Kernel, type KernelArgument, memoryBytes } from '../../kernel/ir.ts';
import { buildKernel, defineFn, defineInstr, type Writer } from '../../kernel/writer.ts';
import type { Graph } from '../../ops/index.ts';
import type { Program } from '../program.ts';
import { comment } from './comment.ts';
import { renderSource } from './source.ts';

const x: KernelArgument = { name: 'x', type: 'i32', length: 4, space: 'argument', access: 'read' };
const y: KernelArgument = { ...x, name: 'y', access: 'write' };

const kernelOf = (write: (k: Writer) => void): Kernel => buildKernel('layer', 'a layer', [x, y], write);

function programOf(kernels: readonly Kernel[], more: Partial<Program> = {}): Program {
  return {
    prefix: 'tiny',
    title: 'tiny',
    steps: kernels.map((kernel) => ({
      note: kernel.note,
      kernel,
      offsets: [0, 16],
      outputs: [{ offset: 16, bytes: 16 }],
    })),
    arenaBytes: 32,
    alignment: 8,
    inputs: [{ name: 'x', type: { dtype: 'i32', shape: [4] }, offset: 0, bytes: 16 }],
    outputs: [{ name: 'y', type: { dtype: 'i32', shape: [4] }, offset: 16, bytes: 16 }],
    states: [],
    macs: 0,
    ...more,
  };
}

const source = (kernels: readonly Kernel[], more: Partial<Program> = {}): string =>
  renderSource(programOf(kernels, more), { spellings: {}, headers: [] });

describe('text in comments', () => {
  it.each([
    ['plain', 'plain'],
    ['ends */ here', 'ends * / here'],
    ['starts /* here', 'starts / * here'],
    ['both /*/', 'both / * /'],
    ['back*\\slash', 'back* /slash'],
    ['line \\', 'line /'],
    ['trigraph ??/', 'trigraph ? ?/'],
    ['more ????', 'more ? ? ? ?'],
    ['**//', '** //'],
    ['new\nline', 'new<a>line'],
    ['größe 🙂', 'gr<f6><df>e <1f642>'],
  ])('%j', (text, want) => {
    expect(comment(text)).toBe(want);
  });

  it('never holds what ends a comment or starts one, or a trigraph', () => {
    const letters = ['*', '/', '\\', '?', 'a'];
    for (let n = 0; n < letters.length ** 6; n += 1) {
      const text = Array.from(
        { length: 6 },
        (_, i) => letters[Math.floor(n / letters.length ** i) % letters.length],
      ).join('');
      expect(comment(text)).not.toMatch(/\*\/|\/\*|\?\?|\\/);
    }
  });
});

describe('constants', () => {
  const constantText = (data: Int32Array | BigInt64Array | Float32Array): string => {
    const text = source([
      kernelOf((k) => {
        const table = k.constant('table', data);
        k.store(y, 0, table.type === 'i32' ? k.load(table, 0) : int(memoryBytes[table.type]));
        if (table.type !== 'i32') k.let('used', k.load(table, 0));
      }),
    ]);
    return /= \{\n {2}(.*),\n\};/.exec(text)?.[1] ?? text;
  };

  it('of extreme numbers', () => {
    expect(constantText(Int32Array.of(0, -1, 2147483647, -2147483648))).toBe('0, -1, 2147483647, -2147483647 - 1');
    expect(constantText(BigInt64Array.of(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)))).toBe(
      'INT64_C(0), -INT64_C(1), INT64_C(9223372036854775807), -INT64_C(9223372036854775807) - 1',
    );
    expect(constantText(Float32Array.of(0, -0, 0.1, Infinity, -Infinity, Number.NaN))).toBe(
      '0.0f, -0.0f, 0.1f, INFINITY, -INFINITY, NAN',
    );
  });

  it('that are not finite bring in the header that names them', () => {
    const using = (value: number): string =>
      source([kernelOf((k) => k.let('used', k.load(k.constant('table', Float32Array.of(value)), 0)))]);
    expect(using(Infinity)).toContain('#include <math.h>');
    expect(using(1)).not.toContain('math.h');
  });
});

describe('loops', () => {
  const loopOf = (write: (k: Writer) => void): string => /for .*\{/.exec(source([kernelOf(write)]))?.[0] ?? '';

  it('evaluate an end once, where the body may change it', () => {
    const storing = (k: Writer) => (i: Expr) => k.store(y, i, int(1));
    const at = cast('index', int(3));
    expect(loopOf((k) => k.for('i', 0, at, storing(k)))).toBe('for (int32_t i = 0; i < 3; i++) {');
    expect(loopOf((k) => k.for('i', 0, k.let('end', cast('index', k.load(x, 0))), storing(k)))).toBe(
      'for (int32_t i = 0; i < end; i++) {',
    );
    expect(loopOf((k) => k.for('i', 0, cast('index', k.load(x, 0)), storing(k)))).toBe(
      'for (int32_t i = 0, iEnd = x[0]; i < iEnd; i++) {',
    );
    const counting = (k: Writer): void => {
      const end = k.variable('end', at);
      k.for('i', 0, add(end, 1), () => k.set(end, index(0)));
    };
    expect(loopOf(counting)).toBe('for (int32_t i = 0, iEnd = end + 1; i < iEnd; i++) {');
  });

  it('compare with the whole of their end', () => {
    const end = (k: Writer): Expr => k.let('n', k.load(x, 0));
    expect(loopOf((k) => k.for('i', 0, select(end(k), index(2), index(3)), (i) => k.store(y, i, int(1))))).toBe(
      'for (int32_t i = 0; i < (n ? 2 : 3); i++) {',
    );
    expect(loopOf((k) => k.for('i', 0, and(cast('index', end(k)), 3), (i) => k.store(y, i, int(1))))).toBe(
      'for (int32_t i = 0; i < (n & 3); i++) {',
    );
  });
});

describe('functions and instructions', () => {
  it('come once, callees first', () => {
    const text = source([kernelOf((k) => k.store(y, 0, call(requantise, k.load(x, 0), int(5), int(-3))))]);
    const at = (name: string): number => text.indexOf(`static inline int32_t ${name}(`);
    expect(at('doubling_high_multiply')).toBeGreaterThan(0);
    expect(at('requantise')).toBeGreaterThan(at('doubling_high_multiply'));
    expect(text.match(/static inline int32_t requantise\(/g)).toHaveLength(1);
  });

  it('two functions of one name are a mistake of ours', () => {
    const twin = () => defineFn('twin', '', { a: 'i32' }, (_, a) => add(a, 1));
    const calling = () => kernelOf((k) => k.store(y, 0, call(twin(), k.load(x, 0))));
    expect(() => source([calling(), calling()])).toThrow('two functions of one name');
  });

  it('functions of meanings come along, and scalars are bound', () => {
    const scale = defineInstr(
      'scale',
      [
        { name: 'factor', kind: 'scalar', type: 'i32' },
        { name: 'to', kind: 'region', type: 'i32', lanes: 1, access: 'update', in: 'memory' },
      ],
      (k, { to }, { factor }) => {
        if (to && factor) k.store(to, 0, call(requantise, k.load(to, 0), factor, int(0)));
      },
    );
    const kernel = kernelOf((k) => k.instr(scale, k.load(x, 0), { region: y, at: 1 }));
    const text = source([kernel]);
    expect(text).toContain('const int32_t scale_factor = x[0];');
    expect(text).toContain('int32_t *scale_to = &y[1];');
    expect(text).toContain('scale_to[0] = requantise(scale_to[0], scale_factor, 0);');
    expect(text).toContain('static inline int32_t requantise(');
    const spellings = { scale: { c: (...operands: readonly string[]) => `SCALE(${operands.join(', ')})` } };
    const spelled = renderSource(programOf([kernel]), { spellings, headers: ['acle.h'] });
    expect(spelled).toContain('SCALE(x[0], &y[1]);');
    expect(spelled).toContain('#include <acle.h>');
    expect(spelled).not.toContain('requantise');
  });
});

describe('routines', () => {
  const copy = {
    ...defineInstr(
      'copy',
      [
        { name: 'from', kind: 'region', type: 'i32', access: 'read', in: 'memory' },
        { name: 'to', kind: 'region', type: 'i32', access: 'write', in: 'memory' },
        { name: 'count', kind: 'scalar', type: 'index' },
      ],
      (k, { from, to }, { count }) => {
        if (from && to && count) k.for('i', 0, count, (i) => k.store(to, i, k.load(from, i)));
      },
    ),
    routine: 'Copies words.',
  };
  const kernel = kernelOf((k) => {
    k.instr(copy, { region: x }, { region: y }, index(2));
    k.instr(copy, { region: x, at: 1 }, { region: y, at: 2 }, index(2));
  });

  it('are functions, each once, that are called', () => {
    const text = source([kernel]);
    const head = 'static TINY_ROUTINE void copy(const int32_t *restrict from, int32_t *restrict to, int32_t count)';
    expect(text.split(head)).toHaveLength(2);
    expect(text).toContain('/* Copies words. */');
    expect(text).toContain('  copy(x, y, 2);\n  copy(&x[1], &y[2], 2);');
    expect(text).toContain('for (int32_t i = 0; i < count; i++) {');
  });

  it('are the target’s where it has them', () => {
    const spellings = { copy: { definition: 'static void copy(void) { /* in assembly */ }' } };
    const text = renderSource(programOf([kernel]), { spellings, headers: [] });
    expect(text).toContain('/* in assembly */');
    expect(text).not.toContain('ROUTINE');
  });
});

describe('arguments', () => {
  const kernel = kernelOf((k) => k.for('i', 0, 4, (i) => k.store(y, i, k.load(x, i))));

  it('are restrict where they share no byte', () => {
    expect(source([kernel])).toContain('static void tiny_layer(const int32_t *restrict x, int32_t *restrict y)');
  });

  it('are not where one is computed in place of another', () => {
    const inPlace = programOf([kernel]);
    const steps = inPlace.steps.map((step) => ({ ...step, offsets: [0, 8] }));
    const text = renderSource({ ...inPlace, steps }, { spellings: {}, headers: [] });
    expect(text).toContain('static void tiny_layer(const int32_t *x, int32_t *y)');
  });
});

it('without inputs their parameters are named as not used, so that no compiler warns', () => {
  const text = source([kernelOf((k) => k.store(y, 0, int(1)))], { inputs: [] });
  expect(text).toContain(
    'void *tiny_input(tiny_t *model, unsigned index)\n{\n  (void)model;\n  (void)index;\n  return 0;\n}',
  );
});

describe('states', () => {
  const init = (data: Int8Array | undefined): string => {
    const text = source([], { states: [{ name: 'memory', offset: 8, bytes: 4, data }] });
    return text.slice(text.indexOf('void tiny_init'), text.indexOf('void *tiny_input'));
  };

  it('of one byte are filled', () => {
    expect(init(undefined)).toContain('for (uint32_t i = 0; i < 4u; i++) model->arena.bytes[8 + i] = 0;');
    expect(init(Int8Array.of(-1, -1, -1, -1))).toContain('model->arena.bytes[8 + i] = 255;');
  });

  it('of others are copied', () => {
    expect(init(Int8Array.of(1, 2, -3, 4))).toContain('1, 2, 253, 4,');
    expect(init(Int8Array.of(1, 2, -3, 4))).toContain('model->arena.bytes[8 + i] = initial_0[i];');
  });
});

it('a step without kernel is no code, but a layer all the same', () => {
  const view = { note: 'reshape', kernel: undefined, offsets: [], outputs: [{ offset: 0, bytes: 16 }] };
  const text = source([], { steps: [view] });
  expect(text).toContain('/* 0: reshape: same bytes, no code */');
  expect(text).toContain('TINY_ON_LAYER(0u, arena + 0, 16u);');
});

it('the text is the same every time', () => {
  const kernel = kernelOf((k) => k.store(y, 0, k.load(x, 0)));
  expect(source([kernel])).toBe(source([kernel]));
});

describe('memory used for different types', () => {
  const graphOf = (dtypes: readonly ('f32' | 'i32')[]): Graph => ({
    name: 'types',
    values: dtypes.flatMap((dtype, i): Value[] => [
      { name: `x${i}`, type: { dtype, shape: [4] }, role: 'input' },
      { name: `y${i}`, type: { dtype, shape: [4] }, role: 'temporary' },
    ]),
    nodes: dtypes.map((_, i) => ({
      op: 'add' as const,
      attrs: { activation: 'none' as const },
      inputs: [2 * i, 2 * i],
      outputs: [2 * i + 1],
      from: {},
    })),
    inputs: dtypes.map((_, i) => 2 * i),
    outputs: dtypes.map((_, i) => 2 * i + 1),
  });
  const sourceOf = (graph: Graph): string => {
    const artifact = compile(graph, { target: 'host', prefix: 'types' });
    return artifact.kind === 'c' ? (artifact.files.get('types.c') ?? '') : '';
  };

  it('ends every layer with a barrier where types differ, and has none elsewhere', () => {
    expect(sourceOf(graphOf(['f32', 'i32'])).match(/TYPES_LAYER_END\(\);/g)).toHaveLength(2);
    expect(sourceOf(graphOf(['f32', 'f32']))).not.toContain('LAYER_END');
  });
});
