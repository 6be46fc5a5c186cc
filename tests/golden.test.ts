// Whole artifacts, byte for byte, so that a change which should move nothing is seen to move nothing. To accept what the
// compiler makes now: UPDATE=1 npx vitest run tests/golden.test.ts
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../packages/compiler/src/compile.ts';
import { readModel } from '../packages/compiler/src/formats/index.ts';
import { type Case, graphOfCases } from '../packages/compiler/src/ops/cases/case.ts';
import { cases } from '../packages/compiler/src/ops/cases/index.ts';
import type { Graph, OpName } from '../packages/compiler/src/ops/index.ts';
import type { DType } from '../packages/compiler/src/tensor/dtype.ts';

/** Files of a folder, by name. */
type Files = ReadonlyMap<string, string | Uint8Array>;

const folder = join(import.meta.dirname, 'golden');
/** A home may be `/`, which says nothing. */
const places = [process.cwd(), import.meta.dirname, homedir(), tmpdir()].filter((place) => place.length > 1);
const update = process.env.UPDATE === '1';

function gestures(): Files {
  const file = join(import.meta.dirname, 'models/gestures/gestures.tflite');
  const graph = readModel(Uint8Array.from(readFileSync(file)), { file });
  return new Map([
    ...filesOf(graph, 'gestures', 'cortex-m4'),
    ...filesOf(graph, 'gestures', 'wasm'),
    ...filesOf(graph, 'gestures', 'wasm-scalar'),
  ]);
}

/** C for a target, or one module. */
function filesOf(graph: Graph, prefix: string, target: string): Files {
  const artifact = compile(graph, { target, prefix });
  if (artifact.kind === 'c') return artifact.files;
  return new Map([[`${prefix}${target.slice('wasm'.length)}.wasm`, artifact.bytes]]);
}

/** The first case of an operator in each of the types, in one graph. */
function firstCases(op: OpName, dtypes: readonly DType[]): Files {
  const all: readonly Case[] = cases[op];
  const chosen = dtypes.flatMap((dtype) => all.find((one) => one.inputs[0]?.type.dtype === dtype) ?? []);
  return filesOf(graphOfCases(op, chosen).graph, op, 'host');
}

const artifacts: Readonly<Record<string, () => Files>> = {
  gestures,
  add: () => firstCases('add', ['i8', 'f32']),
  conv2d: () => firstCases('conv2d', ['i8', 'f32']),
  softmax: () => firstCases('softmax', ['i8', 'f32']),
};

describe.each(Object.entries(artifacts))('%s', (name, make) => {
  const path = join(folder, name);
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('is as it was', () => {
    const files = make();
    if (update) write(path, files);
    expect(readdirSync(path).sort()).toEqual([...files.keys()].sort());
    for (const [file, content] of files) {
      const golden = readFileSync(join(path, file));
      if (typeof content === 'string') expect(content).toBe(golden.toString('utf8'));
      else expect(firstDifference(golden, content), `first byte of ${file} that differs`).toBeUndefined();
    }
  });

  it('is the same again, at another time', () => {
    const first = make();
    vi.useFakeTimers({ now: new Date('2001-02-03T04:05:06Z') });
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    expect(make()).toEqual(first);
    expect(random).not.toHaveBeenCalled();
  });

  it('tells no date and no place', () => {
    for (const content of make().values()) {
      const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
      expect(text).not.toMatch(/\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|__DATE__|__TIME__|__FILE__/);
      for (const place of places) expect(text).not.toContain(place);
    }
  });
});

it('holds nothing else', () => {
  // The instruction counts are golden-instructions.test.ts's.
  expect(readdirSync(folder).sort()).toEqual([...Object.keys(artifacts), 'instructions.json'].sort());
});

function write(path: string, files: Files): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  for (const [file, content] of files) writeFileSync(join(path, file), content);
}

function firstDifference(golden: Uint8Array, bytes: Uint8Array): number | undefined {
  for (let i = 0; i < Math.max(golden.length, bytes.length); i += 1) if (golden[i] !== bytes[i]) return i;
  return undefined;
}
