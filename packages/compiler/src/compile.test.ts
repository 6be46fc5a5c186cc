import { describe, expect, it } from 'vitest';
import { compile, resolveTarget } from './compile.ts';
import { CompileError, type Issue } from './errors.ts';
import type { Value } from './graph/graph.ts';
import { graphOfCases } from './ops/cases/case.ts';
import { cases } from './ops/cases/index.ts';
import type { Graph, OpNode } from './ops/index.ts';
import { prefixOf } from './render/c/names.ts';
import { targets } from './targets/index.ts';
import { wasm } from './targets/wasm.ts';
import type { TensorType } from './tensor/tensor.ts';

const four: TensorType = { dtype: 'f32', shape: [4] };
const value = (name: string, role: Value['role'], type = four): Value => ({ name, type, role });
const relu = (from: number, to: number): OpNode => ({ op: 'relu', attrs: {}, inputs: [from], outputs: [to], from: {} });

/** x → relu → y. */
const small: Graph = {
  name: 'small.tflite',
  values: [value('x', 'input'), value('y', 'temporary')],
  nodes: [relu(0, 1)],
  inputs: [0],
  outputs: [1],
};

function issuesOf(act: () => unknown): readonly Issue[] {
  try {
    act();
  } catch (error) {
    if (error instanceof CompileError) return error.issues;
    throw error;
  }
  return [];
}

describe('prefixes from names', () => {
  it.each([
    ['kws.tflite', 'kws'],
    ['/home/me/My Model (v2).tflite', 'my_model_v2'],
    ['C:\\models\\Person-Detect.TFLITE', 'person_detect'],
    ['a.b.tflite', 'a_b'],
    ['../x', 'x'],
    ['', 'model'],
    ['.tflite', 'model'],
    ['模型', 'model'],
    ['größe', 'gr_e'],
    ['🙂🙂', 'model'],
    ['123', 'model_123'],
    ['2nd try', 'model_2nd_try'],
    ['___', 'model'],
    ['_a_', 'a'],
    ['int', 'int_model'],
    ['while.tflite', 'while_model'],
    ['main', 'main_model'],
    ['int8', 'int8_model'],
    ['uint_fast16', 'uint_fast16_model'],
    ['size', 'size_model'],
    ['string', 'string_model'],
    ['stdint', 'stdint_model'],
    ['*! evil !*', 'evil'],
    ['a"; system("x', 'a_system_x'],
    ['a\nb\0c', 'a_b_c'],
  ])('%j is %s', (name, prefix) => {
    expect(prefixOf(name)).toBe(prefix);
  });

  it('are prefixes that compile takes, of whatever text', () => {
    const letters = ['a', 'Z', '9', '_', '-', '.', '/', '\\', ' ', 'é', '🙂', '\0', 'int', 'size'];
    let state = 1;
    for (let n = 0; n < 500; n += 1) {
      let name = '';
      for (let i = n % 40; i > 0; i -= 1) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        name += letters[state % letters.length] ?? '';
      }
      expect([name, issuesOf(() => compile({ ...small, name }, { target: 'host' }))]).toEqual([name, []]);
    }
    expect(prefixOf('a'.repeat(1000)).length).toBeLessThan(50);
  });
});

describe('prefixes given', () => {
  it.each(['', 'A', '1a', '_a', 'a-b', 'a b', 'int', 'main', 'int8', 'size', 'string', 'ä', 'a'.repeat(64)])(
    '%j is refused',
    (prefix) => {
      expect(issuesOf(() => compile(small, { target: 'host', prefix }))).toMatchObject([
        { code: 'bad-value', what: 'prefix', found: prefix },
      ]);
    },
  );

  it('are used as they are', () => {
    const artifact = compile(small, { target: 'host', prefix: 'my_net_2' });
    expect(artifact.prefix).toBe('my_net_2');
    if (artifact.kind !== 'c') throw new Error('not C');
    expect([...artifact.files.keys()]).toEqual(['my_net_2.h', 'my_net_2.c', 'main.c', 'Makefile']);
    expect(artifact.files.get('my_net_2.h')).toContain('void my_net_2_run(my_net_2_t *model);');
  });
});

describe('targets', () => {
  it('are found by name, or given', () => {
    for (const target of targets) expect(resolveTarget(target.name)).toBe(target);
    expect(resolveTarget(wasm)).toBe(wasm);
    expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length);
  });

  it('of other names are an issue that lists what there is', () => {
    const [issue] = issuesOf(() => compile(small, { target: 'cortex-m99' }));
    expect(issue).toMatchObject({ code: 'bad-value', what: 'target', found: 'cortex-m99' });
    expect(issue?.code === 'bad-value' && issue.want).toContain('cortex-m4, ');
  });

  it.each(targets)('$name compiles every operator, the same each time', (target) => {
    const { graph } = graphOfCases(
      'all',
      Object.values(cases).flatMap((list) => list.slice(0, 1)),
    );
    const [first, second] = [compile(graph, { target }), compile(graph, { target })];
    expect(first.kind).toBe(target.output);
    if (first.kind === 'c' && second.kind === 'c') expect(first.files).toEqual(second.files);
    if (first.kind === 'wasm' && second.kind === 'wasm') expect(first.bytes).toEqual(second.bytes);
  });
});

describe('memory', () => {
  const dense = graphOfCases('dense', cases.fullyConnected.slice(0, 1)).graph;

  it('that is too small is an issue with both numbers', () => {
    const { report } = compile(dense, { target: 'cortex-m4' });
    expect(report.constantBytes).toBeGreaterThan(1);
    const memory = { flashBytes: report.constantBytes - 1, ramBytes: report.arenaBytes - 1 };
    expect(issuesOf(() => compile(dense, { target: 'cortex-m4', memory }))).toEqual([
      {
        code: 'does-not-fit',
        where: {},
        target: 'cortex-m4',
        memory: 'flash',
        needBytes: report.constantBytes,
        haveBytes: report.constantBytes - 1,
        layer: '00_fully_connected',
      },
      {
        code: 'does-not-fit',
        where: {},
        target: 'cortex-m4',
        memory: 'ram',
        needBytes: report.arenaBytes,
        haveBytes: report.arenaBytes - 1,
        leastBytes: report.arenaLowerBoundBytes,
        layer: '00_fully_connected',
      },
    ]);
    const enough = { flashBytes: report.constantBytes, ramBytes: report.arenaBytes };
    expect(issuesOf(() => compile(dense, { target: 'cortex-m4', memory: enough }))).toEqual([]);
  });

  it('can be asked to be the least, which is what a budget of next to nothing needs', () => {
    const { graph } = graphOfCases('net', cases.conv2d.slice(0, 1));
    const [short] = issuesOf(() => compile(graph, { target: 'cortex-m4', memory: { ramBytes: 1 } }));
    const { report } = compile(graph, { target: 'cortex-m4', memory: { ramBytes: 'least' } });
    expect(short).toMatchObject({ code: 'does-not-fit', memory: 'ram', needBytes: report.arenaBytes });
    // Whatever the target has.
    const tiny = { ...wasm, memory: { flashBytes: 1e6, ramBytes: 8 } };
    expect(issuesOf(() => compile(small, { target: tiny, memory: { ramBytes: 'least' } }))).toEqual([]);
  });

  it('of the target counts, unless another is given', () => {
    const target = { ...wasm, memory: { flashBytes: 1e6, ramBytes: 16 } };
    expect(issuesOf(() => compile(small, { target }))).toEqual([]);
    const less = { ...target, memory: { flashBytes: 1e6, ramBytes: 8 } };
    expect(issuesOf(() => compile(small, { target: less }))).toMatchObject([{ memory: 'ram', haveBytes: 8 }]);
    expect(issuesOf(() => compile(small, { target: less, memory: { ramBytes: 1000 } }))).toEqual([]);
  });

  it('has an end on every target, before addresses have', () => {
    const type: TensorType = { dtype: 'f32', shape: [2 ** 26] };
    const graph: Graph = {
      ...small,
      values: [value('x', 'input', type), value('y', 'temporary', type)],
      nodes: [{ ...relu(0, 1), op: 'reshape', attrs: { shape: type.shape } }],
    };
    const more: Graph = {
      ...graph,
      values: [...graph.values, value('z', 'input')],
      inputs: [0, 2],
    };
    for (const target of ['wasm', 'host', 'cortex-m4']) {
      expect(issuesOf(() => compile(graph, { target }))).toEqual([]);
      const issues = issuesOf(() => compile(more, { target, memory: { ramBytes: 2 ** 40 } }));
      expect(issues).toMatchObject([
        { code: 'does-not-fit', memory: 'ram', needBytes: 2 ** 28 + 16, haveBytes: 2 ** 28 },
      ]);
    }
  });
});

describe('memory in pieces', () => {
  const pieces = (...list: readonly (readonly [string, number])[]) => ({
    target: 'cortex-m7',
    memory: { pieces: list.map(([name, bytes]) => ({ name, bytes })) },
  });

  it('is pointed to by the instance, and nothing lies outside', () => {
    const artifact = compile(small, pieces(['dtcm', 16], ['sram', 16]));
    expect(artifact.report.memories).toEqual([
      { name: 'dtcm', bytes: 16 },
      { name: 'sram', bytes: 0 },
    ]);
    const header = artifact.kind === 'c' ? artifact.files.get('small.h') : '';
    expect(header).toContain('} small_dtcm_t;');
    expect(header).toContain('small_sram_t *sram;');
    expect(artifact.kind === 'c' ? artifact.files.get('main.c') : '').toContain(
      'static small_t model = { &model_dtcm, &model_sram };',
    );
  });

  it('that does not suffice is an issue that names the piece', () => {
    expect(issuesOf(() => compile(small, pieces(['dtcm', 8], ['sram', 12])))).toMatchObject([
      { code: 'does-not-fit', memory: 'sram', needBytes: 16, haveBytes: 12 },
    ]);
    expect(issuesOf(() => compile(small, pieces(['sram', 12])))).toMatchObject([
      { code: 'does-not-fit', memory: 'ram', needBytes: 16, haveBytes: 12 },
    ]);
  });

  it.each([
    ['names that are none', [['9', 16]], 'name of a memory'],
    ['a name that the code uses itself', [['model', 16]], 'name of a memory'],
    [
      'a name twice',
      [
        ['a', 16],
        ['a', 16],
      ],
      'name of a memory',
    ],
    ['none', [], 'pieces of memory'],
    ['nothing in one', [['a', 0]], 'bytes of a'],
  ] as const)('refuses %s', (_, list, what) => {
    expect(issuesOf(() => compile(small, pieces(...list)))).toMatchObject([{ code: 'bad-value', what }]);
  });

  it('is for C only', () => {
    const options = { ...pieces(['a', 64]), target: 'wasm' };
    expect(issuesOf(() => compile(small, options))).toMatchObject([{ what: 'pieces of memory', found: 'wasm' }]);
  });
});

describe('graphs that cannot be compiled', () => {
  it('are one error with all issues', () => {
    const broken: Graph = {
      ...small,
      values: [...small.values, value('z', 'temporary', { dtype: 'f32', shape: [3] })],
      nodes: [...small.nodes, relu(1, 2), relu(2, 1)],
    };
    const issues = issuesOf(() => compile(broken, { target: 'wasm' }));
    expect(issues.length).toBeGreaterThanOrEqual(2);
  });

  it('a constant as output is an issue', () => {
    const graph: Graph = {
      ...small,
      values: [...small.values, { ...value('c', 'constant'), data: new Float32Array(4) }],
      outputs: [1, 2],
    };
    expect(issuesOf(() => compile(graph, { target: 'wasm' }))).toMatchObject([
      { code: 'unsupported', where: { tensor: 'c' }, what: 'model output' },
    ]);
  });
});

it('the report adds up', () => {
  const { graph } = graphOfCases('two', [...cases.conv2d.slice(0, 2), ...cases.softmax.slice(0, 1)]);
  const { report, plan, program } = compile(graph, { target: 'host' });
  expect(report.layers.map(({ name }) => name)).toEqual(['00_conv2d', '01_conv2d', '02_softmax']);
  expect(report.macs).toBe(report.layers.reduce((total, { macs }) => total + macs, 0));
  expect(report.constantBytes).toBe(report.layers.reduce((total, { constantBytes }) => total + constantBytes, 0));
  expect(report.arenaBytes).toBe(plan.arenaBytes);
  expect(report.arenaBytes).toBe(program.arenaBytes);
  expect(report.arenaLowerBoundBytes).toBeLessThanOrEqual(report.arenaBytes);
});
