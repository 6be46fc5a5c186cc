// The 3 x 3 depthwise routine of Armv7E-M and Armv8-M. A channel's plane is widened to 16 bits with its padding around it, then
// swept row by row: the nine weights stay in registers as pairs (0, 1) and (1, 2) of each row, a word of two neighbours serves
// both outputs it is part of. Written for one shape, so that strides and shifts are part of the instructions.
import { add, and, cast, index, int, long, max, min, mul, shl, shr, sub } from '../../kernel/expressions.ts';
import type { Expr, Instr, Region } from '../../kernel/ir.ts';
import type { FamilySpelling, Spelling } from '../../kernel/spelling.ts';
import { defineInstr, type Writer } from '../../kernel/writer.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

/** The numbers a routine is written for. */
export interface DepthwiseShape {
  /** Rows and columns of the input that windows reach. */
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly outRows: number;
  readonly outColumns: number;
  /** Parts that the output rows are taken in, of equal size: the plane holds what one of them reads. */
  readonly bands: number;
  readonly stride: number;
  readonly padTop: number;
  readonly padLeft: number;
  /** Elements of the input from a row to the next. */
  readonly pitch: number;
  /** The input's zero point. */
  readonly zero: number;
  /** The shift that all channels share, in the form `steps`; -1 in the form `compact` (arm-dsp-finish.ts). */
  readonly shift: number;
  /** 2 * zero point of the output + 1. */
  readonly doubledZero: number;
  readonly low: number;
  readonly high: number;
}

/** The plane of one channel: an even number of elements a row, so that its rows are whole words. */
export const planePitch = ({ outColumns, stride }: DepthwiseShape): number =>
  2 * Math.ceil(((outColumns - 1) * stride + 4) / 2);
export const planeRows = ({ outRows, bands, stride }: DepthwiseShape): number => (outRows / bands - 1) * stride + 3;

/** Rows of the input that come into the plane for a band: the first, one between, the last. */
export function bandRows(shape: DepthwiseShape): {
  readonly first: number;
  readonly next: number;
  readonly last: number;
} {
  const { rows, bands, outRows, stride, padTop } = shape;
  const next = (outRows / bands) * stride;
  const first = Math.min(rows, planeRows(shape) - padTop);
  return { first, next, last: bands === 1 ? first : rows - first - (bands - 2) * next };
}

/** Words that a channel has in the table of requantisation. */
const tableWords = ({ shift }: DepthwiseShape): number => (shift < 0 ? 2 : 3);

/** What the largest offset in an access allows. */
export const fitsRoutine = (shape: DepthwiseShape): boolean => 4 * planePitch(shape) <= 1020 && shape.pitch < 2 ** 16;

const family = 'dsp_depthwise';

const nameOf = (shape: DepthwiseShape): string => {
  const { rows, columns, channels, bands, stride, padTop, padLeft, shift, low, high } = shape;
  const clamp = low > -128 || high < 127 ? `_${low + 128}_${high + 128}` : '';
  return `${family}_${rows}x${columns}x${channels}_${shape.outRows}x${shape.outColumns}${bands > 1 ? `_b${bands}` : ''}_s${stride}${padTop}${padLeft}_${shift < 0 ? `c${shape.doubledZero + 256}` : shift}${clamp}`;
};

const memory = (name: string, type: 'i8' | 'i16' | 'i32', access: 'read' | 'write' | 'update') =>
  ({ name, kind: 'region', type, access, in: 'memory' }) as const;

/**
 * All channels of a layer. plane: scratch whose border holds the input's zero point and keeps it; weights: nine to a channel;
 * table: as in arm-dsp-finish.ts, unsigned.
 */
export const depthwiseInstr = (shape: DepthwiseShape): Instr => ({
  ...defineInstr(
    nameOf(shape),
    [
      memory('x', 'i8', 'read'),
      memory('plane', 'i16', 'update'),
      memory('y', 'i8', 'write'),
      memory('weights', 'i8', 'read'),
      memory('table', 'i32', 'read'),
    ],
    (k, { x, plane, y, weights, table }) => {
      if (!x || !plane || !y || !weights || !table) return;
      const { columns, channels, outRows, outColumns, bands, stride, padTop, padLeft, pitch, low, high } = shape;
      const { zero } = shape;
      const width = planePitch(shape);
      const halo = 3 - stride;
      const { first, next, last } = bandRows(shape);
      const rowsOut = outRows / bands;
      k.for('channel', 0, channels, (channel) => {
        const band = (number: Expr, from: Expr, count: number, to: number): void => {
          k.for('row', 0, count, (row) => {
            k.for('column', 0, columns, (column) => {
              const place = add(add(mul(row, width), column), to * width + padLeft);
              k.store(plane, place, k.load(x, add(add(mul(add(from, row), pitch), mul(column, channels)), channel)));
            });
          });
          if (bands > 1)
            k.for('below', (to + count) * width, planeRows(shape) * width, (n) => k.store(plane, n, int(zero)));
          k.for('out_row', 0, rowsOut, (row) => {
            k.for('out_column', 0, outColumns, (column) => {
              const corner = k.let('corner', add(mul(mul(row, stride), width), mul(column, stride)));
              const sum = k.variable('sum', int(0));
              for (let tap = 0; tap < 9; tap += 1) {
                const at = add(corner, Math.floor(tap / 3) * width + (tap % 3));
                k.set(sum, add(sum, mul(k.load(plane, at), k.load(weights, add(mul(channel, 9), tap)))));
              }
              const value =
                shape.shift < 0 ? ofCompact(k, shape, sum, table, channel) : ofSteps(k, shape, sum, table, channel);
              const pixel = add(mul(add(mul(number, rowsOut), row), outColumns), column);
              k.store(y, add(mul(pixel, channels), channel), min(max(value, int(low)), int(high)));
            });
          });
        };
        const keepHalo = (): void =>
          k.for('kept', 0, halo * width, (n) => k.store(plane, n, k.load(plane, add(n, next * width))));
        if (bands > 1) k.for('above', 0, padTop * width, (n) => k.store(plane, n, int(zero)));
        band(index(0), index(0), first, padTop);
        k.for('band', 1, bands - 1, (number) => {
          keepHalo();
          band(number, add(mul(sub(number, 1), next), first), next, halo);
        });
        if (bands > 1) {
          keepHalo();
          band(index(bands - 1), index(first + (bands - 2) * next), last, halo);
        }
      });
    },
  ),
  family: { name: family, numbers: { ...shape } },
});

function ofSteps(k: Writer, { shift }: DepthwiseShape, sum: Expr, table: Region, channel: Expr): Expr {
  const entry = k.let('entry', mul(channel, 3));
  const product = mul(cast('i64', sum), cast('i64', k.load(table, entry)));
  return shr(cast('i32', shr(add(product, k.load(table, add(entry, 1), 'i64')), long(32))), shift);
}

function ofCompact(k: Writer, { doubledZero }: DepthwiseShape, sum: Expr, table: Region, channel: Expr): Expr {
  const entry = k.let('entry', mul(channel, 2));
  const word = k.let('word', k.load(table, entry));
  const shift = k.let('own_shift', and(word, int(31)));
  const zero = shr(shl(int(doubledZero), shift), 1);
  const rounding = add(mul(cast('i64', zero), long(2 ** 32)), long(2 ** 30));
  const product = mul(cast('i64', add(sum, shr(word, 5))), cast('i64', k.load(table, add(entry, 1))));
  return shr(cast('i32', shr(add(product, rounding), long(32))), shift);
}

/** What the routine keeps on the stack, in bytes from the stack pointer. */
const frame = {
  x: 0,
  y: 4,
  weights: 8,
  table: 12,
  plane: 16,
  channels: 20,
  offset: 24,
  outRows: 32,
  band: 36,
  nextX: 40,
  nextY: 44,
  end: 48,
} as const;
const frameBytes = 56;

/** A register plus a constant; r2 is used up where the constant is large. */
function plus(register: string, bytes: number): readonly string[] {
  if (bytes === 0) return [];
  if (Math.abs(bytes) <= 4095) return [`${bytes < 0 ? 'subw' : 'addw'} ${register}, ${register}, #${Math.abs(bytes)}`];
  const size = Math.abs(bytes);
  const load = [`movw r2, #${size & 0xffff}`, ...(size > 0xffff ? [`movt r2, #${size >>> 16}`] : [])];
  return [...load, `${bytes < 0 ? 'sub' : 'add'} ${register}, ${register}, r2`];
}

interface Lines {
  readonly lines: readonly string[];
  readonly executed: number;
}

const straight = (lines: readonly string[]): Lines => ({ lines, executed: instructionsIn(lines) });

const join = (...parts: readonly Lines[]): Lines => ({
  lines: parts.flatMap(({ lines }) => lines),
  executed: parts.reduce((total, { executed }) => total + executed, 0),
});

/** The body `turns` times, by a count in a register. */
function repeat(turns: number, counter: string, label: number, body: Lines): Lines {
  if (turns === 0) return straight([]);
  if (turns === 1) return body;
  return {
    lines: [
      `movw ${counter}, #${turns}`,
      `${label}:`,
      ...body.lines,
      `subs ${counter}, ${counter}, #1`,
      `bne ${label}b`,
    ],
    executed: 1 + turns * (body.executed + 2),
  };
}

/** Input elements of a row in a turn: as far as offsets of loads reach, and not more than so many. */
const mostColumnsAtOnce = 16;

/** One row of the input into the plane: r0 to r1, which both move on to the next row. */
function copyRow(shape: DepthwiseShape): Lines {
  const { columns, channels, pitch } = shape;
  const reach = Math.floor(4095 / channels) + 1;
  const block = Math.min(columns, reach, mostColumnsAtOnce);
  const some = (count: number): readonly string[] => {
    const lines: string[] = [];
    for (let first = 0; first < count; first += 4) {
      const own = Array.from({ length: Math.min(4, count - first) }, (_, n) => n);
      lines.push(...own.map((n) => `ldrsb r${2 + n}, [r0, #${(first + n) * channels}]`));
      lines.push(...own.map((n) => `strh r${2 + n}, [r1, #${(first + n) * 2}]`));
    }
    return lines;
  };
  const blocks = Math.floor(columns / block);
  const rest = columns - blocks * block;
  const moved = blocks > 1 ? blocks * block : 0;
  const turn = blocks > 1 ? [...plus('r0', block * channels), ...plus('r1', block * 2)] : [];
  return join(
    repeat(blocks, 'r7', 2, straight([...some(block), ...turn])),
    blocks > 1 || rest === 0
      ? straight(some(rest))
      : straight([...plus('r0', block * channels), ...plus('r1', block * 2), ...some(rest)]),
    straight([
      ...plus('r0', pitch - (blocks > 1 || rest === 0 ? moved : block) * channels),
      ...plus('r1', 2 * (planePitch(shape) - (blocks > 1 || rest === 0 ? moved : block))),
    ]),
  );
}

/** The result from the sum in a register, to y. */
function finish({ shift, low, high, channels }: DepthwiseShape, sum: string): readonly string[] {
  return [
    `ldrd r2, r3, [sp, #${frame.offset}]`,
    `smlal r2, r3, ${sum}, r12`,
    ...(shift < 0 ? ['asr r3, r3, lr', 'ssat r3, #8, r3'] : [`ssat r3, #8, r3${shift === 0 ? '' : `, asr #${shift}`}`]),
    ...(low > -128 ? [`cmp r3, #${low}`, 'it lt', `movlt r3, #${low}`] : []),
    ...(high < 127 ? [`cmp r3, #${high}`, 'it gt', `movgt r3, #${high}`] : []),
    ...(channels <= 255 ? [`strb r3, [r1], #${channels}`] : ['strb r3, [r1]', ...plus('r1', channels)]),
  ];
}

/** Weights of a row of the window: pairs (0, 1) and (1, 2). */
const pairs = [
  ['r4', 'r5'],
  ['r6', 'r7'],
  ['r8', 'r9'],
] as const;

const bytesOfRow = (shape: DepthwiseShape): number => 2 * planePitch(shape);

/** Two outputs side by side: r0 the plane, r1 the output. */
function twoOutputs(shape: DepthwiseShape): readonly string[] {
  const { stride } = shape;
  const products = [2, 1, 0].flatMap((row) => {
    const [w01, w12] = pairs[row] ?? pairs[0];
    const first = row === 2;
    const at = row * bytesOfRow(shape);
    const sum = (op: string, to: string, a: string, b: string): string =>
      first ? `smu${op} ${to}, ${a}, ${b}` : `smla${op === 'ad' ? 'd' : op.slice(1)} ${to}, ${a}, ${b}, ${to}`;
    const load = row === 0 && stride === 1 ? 'ldrd r2, r3, [r0], #4' : `ldrd r2, r3, [r0, #${at}]`;
    if (stride === 1) {
      return [
        load,
        sum('ad', 'r10', 'r2', w01),
        sum('ltb', 'r11', 'r2', w01),
        `smlabt r10, r3, ${w12}, r10`,
        `smlad r11, r3, ${w12}, r11`,
      ];
    }
    return [
      load,
      sum('ad', 'r10', 'r2', w01),
      `ldr r2, [r0, #${at + 8}]`,
      sum('ad', 'r11', 'r3', w01),
      `smlabt r10, r3, ${w12}, r10`,
      `smlabt r11, r2, ${w12}, r11`,
    ];
  });
  return [...products, ...(stride === 1 ? [] : ['adds r0, r0, #8']), ...finish(shape, 'r10'), ...finish(shape, 'r11')];
}

function oneOutput(shape: DepthwiseShape): readonly string[] {
  const products = [2, 1, 0].flatMap((row) => {
    const [w01, w12] = pairs[row] ?? pairs[0];
    return [
      `ldrd r2, r3, [r0, #${row * bytesOfRow(shape)}]`,
      row === 2 ? `smuad r10, r2, ${w01}` : `smlad r10, r2, ${w01}, r10`,
      `smlabt r10, r3, ${w12}, r10`,
    ];
  });
  return [...products, ...finish(shape, 'r10')];
}

/** A row of outputs; r0 moves on to the next row of windows. */
function outputRow(shape: DepthwiseShape): Lines {
  const { outColumns, stride } = shape;
  const twos = Math.floor(outColumns / 2);
  const two = straight(twoOutputs(shape));
  const consumed = twos * 4 * stride;
  // In the form `compact` lr holds the channel's shift.
  const [before, test] =
    shape.shift < 0
      ? [
          ['mov r3, r0', ...plus('r3', consumed), `str r3, [sp, #${frame.end}]`],
          [`ldr r2, [sp, #${frame.end}]`, 'cmp r0, r2'],
        ]
      : [['mov lr, r0', ...plus('lr', consumed)], ['cmp r0, lr']];
  const looped: Lines =
    twos > 1
      ? {
          lines: [...before, '5: @ two outputs', ...two.lines, ...test, 'bne 5b'],
          executed: before.length + twos * (two.executed + test.length + 1),
        }
      : twos === 1
        ? two
        : straight([]);
  return join(
    looped,
    straight(outColumns % 2 === 1 ? ['@ the last output', ...oneOutput(shape)] : []),
    straight(plus('r0', stride * bytesOfRow(shape) - consumed)),
  );
}

/** Words from r2 to r1 on, as many as r3 says. */
const fillWords = (words: number): Lines => repeat(words, 'r3', 6, straight(['str r2, [r1], #4']));

/** r2 becomes two zero points. */
const zeroPair = ({ zero }: DepthwiseShape): readonly string[] =>
  zero === 0 ? ['movs r2, #0'] : [`movw r2, #${zero & 0xffff}`, `movt r2, #${zero & 0xffff}`];

/** What precedes the first band of a channel: r0 and r1 at the input and the plane, r6 the rows to copy. */
function firstBand(shape: DepthwiseShape): Lines {
  const { bands, padTop, padLeft } = shape;
  const top = (padTop * planePitch(shape)) / 2;
  const refill = bands > 1 && top > 0 ? join(straight(zeroPair(shape)), fillWords(top)) : straight(plus('r1', top * 4));
  return join(
    straight([`ldr r0, [sp, #${frame.x}]`, `ldr r1, [sp, #${frame.plane}]`]),
    refill,
    straight([
      ...plus('r1', 2 * padLeft),
      `movw r6, #${bandRows(shape).first}`,
      ...(bands > 1
        ? [
            `ldr r2, [sp, #${frame.y}]`,
            `str r2, [sp, #${frame.nextY}]`,
            `movs r2, #${bands}`,
            `str r2, [sp, #${frame.band}]`,
          ]
        : []),
    ]),
  );
}

/** What precedes a further band: the rows that two bands share move to the top. */
function nextBand(shape: DepthwiseShape): Lines {
  const { stride, padLeft } = shape;
  const { next, last } = bandRows(shape);
  const width = planePitch(shape);
  return join(
    straight([`ldr r1, [sp, #${frame.plane}]`, 'mov r0, r1', ...plus('r0', 2 * next * width)]),
    repeat(((3 - stride) * width) / 2, 'r3', 6, straight(['ldr r2, [r0], #4', 'str r2, [r1], #4'])),
    straight([
      ...plus('r1', 2 * padLeft),
      `ldr r0, [sp, #${frame.nextX}]`,
      `movw r6, #${next}`,
      ...(last === next ? [] : [`ldr r2, [sp, #${frame.band}]`, 'cmp r2, #1', 'it eq', `moveq r6, #${last}`]),
    ]),
  );
}

/** Rows of the input into the plane, as many as r6 says, which may be none. */
function copyRows(shape: DepthwiseShape): Lines {
  const row = copyRow(shape);
  const { first } = bandRows(shape);
  return {
    lines: ['cmp r6, #0', 'beq 7f', '1: @ a row of the plane', ...row.lines, 'subs r6, r6, #1', 'bne 1b', '7:'],
    executed: 2 + first * (row.executed + 2),
  };
}

/** After the last band's rows the plane ends with the padding below. */
function fillBelow(shape: DepthwiseShape): Lines {
  const { bands, padLeft, stride } = shape;
  const { last } = bandRows(shape);
  const missing = planeRows(shape) - (3 - stride) - last;
  if (bands === 1 || missing <= 0) return straight([]);
  return join(
    straight([`ldr r2, [sp, #${frame.band}]`, 'cmp r2, #1', 'bne 9f', ...plus('r1', -2 * padLeft), ...zeroPair(shape)]),
    fillWords((missing * planePitch(shape)) / 2),
    straight(['9:']),
  );
}

function routine(shape: DepthwiseShape): Lines {
  const { bands, channels, outRows } = shape;
  const weights = pairs.flatMap(([w01, w12], row) => [
    `ldrsb r2, [r0, #${3 * row}]`,
    `ldrsb r3, [r0, #${3 * row + 1}]`,
    `ldrsb r10, [r0, #${3 * row + 2}]`,
    `pkhbt ${w01}, r2, r3, lsl #16`,
    `pkhbt ${w12}, r3, r10, lsl #16`,
  ]);
  const row = outputRow(shape);
  const rowsOfOutput: Lines = {
    lines: [
      `movw r2, #${outRows / bands}`,
      `4: @ a row of outputs`,
      `str r2, [sp, #${frame.outRows}]`,
      ...row.lines,
      `ldr r2, [sp, #${frame.outRows}]`,
      'subs r2, r2, #1',
      'bne 4b',
    ],
    executed: 1 + (outRows / bands) * (row.executed + 4),
  };
  const band = join(
    copyRows(shape),
    fillBelow(shape),
    straight([
      ...(bands > 1 ? [`str r0, [sp, #${frame.nextX}]`] : []),
      '@ the weights, factor and offset of the channel',
      `ldr r0, [sp, #${frame.weights}]`,
      ...weights,
      `ldr r0, [sp, #${frame.table}]`,
      ...(shape.shift < 0
        ? [
            'ldrd r2, r12, [r0]',
            'and lr, r2, #31',
            'asr r2, r2, #5',
            `mov r11, #${shape.doubledZero}`,
            'lsl r11, r11, lr',
            'asr r11, r11, #1',
            'mov r10, #0x40000000',
            'smlal r10, r11, r2, r12',
            `strd r10, r11, [sp, #${frame.offset}]`,
          ]
        : ['ldmia r0, {r2, r3, r10}', 'mov r12, r2', `strd r3, r10, [sp, #${frame.offset}]`]),
      `ldr r0, [sp, #${frame.plane}]`,
      `ldr r1, [sp, #${bands > 1 ? frame.nextY : frame.y}]`,
    ]),
    rowsOfOutput,
  );
  const between = bands > 1 ? nextBand(shape) : straight([]);
  const nextChannel = straight([
    '@ the next channel',
    `ldrd r0, r1, [sp, #${frame.x}]`,
    'adds r0, r0, #1',
    'adds r1, r1, #1',
    `strd r0, r1, [sp, #${frame.x}]`,
    `ldrd r0, r1, [sp, #${frame.weights}]`,
    'adds r0, r0, #9',
    `adds r1, r1, #${4 * tableWords(shape)}`,
    `strd r0, r1, [sp, #${frame.weights}]`,
    `ldr r2, [sp, #${frame.channels}]`,
    'subs r2, r2, #1',
    `str r2, [sp, #${frame.channels}]`,
    'bne.w 3b',
  ]);
  const start = firstBand(shape);
  return {
    lines: [
      'push {r4-r11}',
      `sub sp, sp, #${frameBytes}`,
      `strd r0, r2, [sp, #${frame.x}]`,
      'ldrd r4, r5, [r3]',
      `strd r4, r5, [sp, #${frame.weights}]`,
      `str r1, [sp, #${frame.plane}]`,
      `movw r4, #${channels}`,
      `str r4, [sp, #${frame.channels}]`,
      '3: @ the plane of a channel',
      ...start.lines,
      ...(bands > 1 ? ['b 8f', '0: @ the next band', ...between.lines, '8:'] : []),
      ...band.lines,
      ...(bands > 1
        ? [
            `str r1, [sp, #${frame.nextY}]`,
            `ldr r2, [sp, #${frame.band}]`,
            'subs r2, r2, #1',
            `str r2, [sp, #${frame.band}]`,
            'bne.w 0b',
          ]
        : []),
      ...nextChannel.lines,
      `add sp, sp, #${frameBytes}`,
      'pop {r4-r11}',
    ],
    executed:
      20 +
      channels * (start.executed + bands * (band.executed + 6) + (bands - 1) * between.executed + nextChannel.executed),
  };
}

/** The routine in C for a shape, and what it takes. */
function depthwiseSpelling(name: string, shape: DepthwiseShape): Spelling {
  const { lines, executed } = routine(shape);
  return {
    definition: armRoutine({
      name,
      note: [
        `3 x 3 depthwise convolution, ${shape.rows} x ${shape.columns} x ${shape.channels} to ${shape.outRows} x ${shape.outColumns}, channel by channel over a plane`,
        'widened to 16 bits with its padding. r4 to r9 hold the weights as pairs, r10 and r11 sum two outputs.',
      ],
      parameters: [
        { type: 'const int8_t *', name: 'x' },
        { type: 'int16_t *', name: 'plane' },
        { type: 'int8_t *', name: 'y' },
        { type: 'const int8_t *', name: 'weights' },
        { type: 'const int32_t *', name: 'table' },
      ],
      lines,
    }),
    cost: () => ({ instructions: executed, codeBytes: 4 * instructionsIn(lines) + 40 }),
  };
}

export const depthwiseSpellings: Readonly<Record<string, FamilySpelling>> = {
  [family]: { family: (name, numbers) => depthwiseSpelling(name, shapeOf(numbers)) },
};

function shapeOf(numbers: Readonly<Record<string, number>>): DepthwiseShape {
  const of = (name: string): number => numbers[name] ?? 0;
  return {
    rows: of('rows'),
    columns: of('columns'),
    channels: of('channels'),
    outRows: of('outRows'),
    outColumns: of('outColumns'),
    bands: of('bands'),
    stride: of('stride'),
    padTop: of('padTop'),
    padLeft: of('padLeft'),
    pitch: of('pitch'),
    zero: of('zero'),
    shift: of('shift'),
    doubledZero: of('doubledZero'),
    low: of('low'),
    high: of('high'),
  };
}
