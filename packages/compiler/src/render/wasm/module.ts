// A program → one self-contained WebAssembly module. Exports as the C header: memory, init(), run(), input(index) and
// output(index) (addresses, 0 if there is none). With `trace` it imports anymote.on_layer(layer) and calls it after every layer.
import { assert } from '../../errors.ts';
import { memoryBytes, type Region } from '../../kernel/ir.ts';
import type { Spellings } from '../../kernel/spelling.ts';
import { bytesOf } from '../../tensor/dtype.ts';
import { contents, firstOfEach } from '../constants.ts';
import type { Program, Step } from '../program.ts';
import { renderKernelCode, scratchOf } from './code.ts';
import { type Bytes, join, name, section, signed, unsigned, vector } from './encode.ts';
import { emptyBlock, op } from './opcodes.ts';

export interface WasmOptions {
  readonly spellings: Spellings;
  readonly trace?: boolean;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  /** Address of the arena in linear memory. */
  readonly arenaAddress: number;
  /** Bytes of linear memory in use. */
  readonly memoryBytes: number;
}

const pageBytes = 65536;
const align16 = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** Types of the functions: run() and init(), on_layer(layer), input(index). */
const typeSection = vector([
  [0x60, 0, 0],
  [0x60, 1, 0x7f, 0],
  [0x60, 1, 0x7f, 1, 0x7f],
]);

/** Renders the module. The first 16 bytes of memory stay unused, so that no address is 0. */
export function renderWasm(program: Program, { spellings, trace = false }: WasmOptions): WasmModule {
  const constants = placeConstants(program);
  const scratchBase = align16(constants.end);
  const scratchBytes = Math.max(
    0,
    ...program.steps.map((step) => scratchOf(step.kernel?.body ?? [], spellings, scratchBase).bytes),
  );
  const arena = align16(scratchBase + scratchBytes);
  const end = arena + program.arenaBytes;

  const layers = program.steps.flatMap((step) =>
    step.kernel === undefined ? [] : [renderLayer(step, constants.addresses, { arena, scratchBase, spellings })],
  );
  const imported = trace ? 1 : 0;
  const code = [
    ...layers,
    runCode(program, imported, trace),
    initCode(program, arena),
    portCode(program.inputs.map(({ offset }) => arena + offset)),
    portCode(program.outputs.map(({ offset }) => arena + offset)),
  ];
  const first = imported + layers.length;
  const pages = Math.ceil(end / pageBytes);
  const exported = (text: string, kind: number, index: number): number[] => [...name(text), kind, ...unsigned(index)];
  const states = program.states.filter(({ data }) => data !== undefined);
  const sections = [
    section(1, typeSection),
    ...(trace ? [section(2, vector([[...name('anymote'), ...name('on_layer'), 0, 1]]))] : []),
    section(3, vector([...layers.map(() => [0]), [0], [0], [2], [2]])),
    section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
    section(
      7,
      vector([
        exported('memory', 2, 0),
        exported('run', 0, first),
        exported('init', 0, first + 1),
        exported('input', 0, first + 2),
        exported('output', 0, first + 3),
      ]),
    ),
    section(10, join([unsigned(code.length), ...code.flatMap((body) => [unsigned(body.length), body])])),
    section(
      11,
      join([
        unsigned(constants.regions.length + states.length),
        ...constants.regions.flatMap(({ address, region }) => dataSegment(address, contents(region))),
        ...states.flatMap(({ offset, data }) =>
          dataSegment(arena + offset, data === undefined ? new Uint8Array(0) : bytesOf(data)),
        ),
      ]),
    ),
  ];
  return {
    bytes: join([[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...sections]),
    arenaAddress: arena,
    memoryBytes: pages * pageBytes,
  };
}

interface Constants {
  readonly regions: readonly { readonly address: number; readonly region: Region }[];
  readonly addresses: ReadonlyMap<Region, number>;
  readonly end: number;
}

function placeConstants(program: Program): Constants {
  const regions: { address: number; region: Region }[] = [];
  let end = 16;
  const firsts = firstOfEach(new Set(program.steps.flatMap(({ kernel }) => kernel?.constants ?? [])));
  const addresses = new Map<Region, number>();
  for (const [region, first] of firsts) {
    if (first === region) {
      regions.push({ address: end, region });
      addresses.set(region, end);
      end = align16(end + region.length * memoryBytes[region.type]);
    } else addresses.set(region, addresses.get(first) ?? 0);
  }
  return { regions, addresses, end };
}

const dataSegment = (address: number, bytes: Uint8Array): (Bytes | Uint8Array)[] => [
  [0, op.i32Const, ...signed(address), op.end, ...unsigned(bytes.length)],
  bytes,
];

interface Layout {
  readonly arena: number;
  readonly scratchBase: number;
  readonly spellings: Spellings;
}

function renderLayer(
  step: Step,
  constants: ReadonlyMap<Region, number>,
  { arena, scratchBase, spellings }: Layout,
): Bytes {
  const { kernel } = step;
  assert(kernel !== undefined, 'a layer without kernel');
  const addresses = new Map([
    ...kernel.arguments.map(
      (argument, i) => [argument.name, { address: arena + (step.offsets[i] ?? 0), type: argument.type }] as const,
    ),
    ...kernel.constants.map(
      (region) => [region.name, { address: constants.get(region) ?? 0, type: region.type }] as const,
    ),
  ]);
  return renderKernelCode(kernel.body, addresses, spellings, scratchOf(kernel.body, spellings, scratchBase).places);
}

function runCode(program: Program, firstLayer: number, trace: boolean): Bytes {
  let next = firstLayer;
  const calls = program.steps.flatMap((step, layer) => {
    const code = step.kernel === undefined ? [] : [op.call, ...unsigned(next++)];
    return trace ? [...code, op.i32Const, ...signed(layer), op.call, 0] : code;
  });
  return [0, ...calls, op.end];
}

/** States start as data segments; init() makes those that are zero so again, and leaves the rest to instantiation. */
function initCode(program: Program, arena: number): Bytes {
  const fill = program.states
    .filter(({ data }) => data === undefined)
    .flatMap(({ offset, bytes }) => [
      op.i32Const,
      ...signed(arena + offset),
      op.i32Const,
      0,
      op.i32Const,
      ...signed(bytes),
      0xfc,
      0x0b,
      0,
    ]);
  return [0, ...fill, op.end];
}

/** index → address: a chain of comparisons. */
function portCode(addresses: readonly number[]): Bytes {
  const tests = addresses.flatMap((address, i) => [
    op.localGet,
    0,
    op.i32Const,
    ...signed(i),
    op.i32Eq,
    op.if,
    emptyBlock,
    op.i32Const,
    ...signed(address),
    0x0f,
    op.end,
  ]);
  return [0, ...tests, op.i32Const, 0, op.end];
}
