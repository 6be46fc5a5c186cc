// Copies by vector loads and stores: of short pieces that lie apart, as the windows of a convolution, and of bytes in a row.
import { add, mul } from '../../kernel/expressions.ts';
import type { Spelling } from '../../kernel/spelling.ts';
import { defineInstr } from '../../kernel/writer.ts';
import { memory, scalar } from './arm-mve-requantise.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

/** Bytes that a piece has at most. */
export const pieceBytes = 16;

/** `count` pieces of `bytes` bytes each, `from_step` and `to_step` apart; with a step of 0 the same piece is copied again. */
export const copyPieces = defineInstr(
  'mve_copy_pieces',
  [
    memory('from', 'i8', 'read'),
    memory('to', 'i8', 'write'),
    scalar('count'),
    scalar('bytes'),
    scalar('from_step'),
    scalar('to_step'),
  ],
  (k, { from, to }, { count, bytes, from_step, to_step }) => {
    if (!from || !to || !count || !bytes || !from_step || !to_step) return;
    k.for('piece', 0, count, (piece) =>
      k.for('byte', 0, bytes, (byte) =>
        k.store(to, add(mul(piece, to_step), byte), k.load(from, add(mul(piece, from_step), byte))),
      ),
    );
  },
);

/** `bytes` bytes, upwards: they may be moved down within a region. */
export const moveBytes = defineInstr(
  'mve_move_bytes',
  [memory('from', 'i8', 'read'), memory('to', 'i8', 'write'), scalar('bytes')],
  (k, { from, to }, { bytes }) => {
    if (!from || !to || !bytes) return;
    k.for('byte', 0, bytes, (byte) => k.store(to, byte, k.load(from, byte)));
  },
);

const pointers = [
  { type: 'const int8_t *', name: 'from' },
  { type: 'int8_t *', name: 'to' },
];

const turn = ['vpstt', 'vldrbt.u8 q0, [r0]', 'vstrbt.8 q0, [r1]', 'add r0, r0, r4', 'add r1, r1, r5', 'le lr, 1b'];

const lines = [
  'push {r4, r5}',
  'ldmia r3, {r3, r4, r5} @ bytes, from_step, to_step',
  'vctp.8 r3',
  'wls lr, r2, 2f',
  '1: @ a piece',
  ...turn,
  '2:',
  'pop {r4, r5}',
];

const copyPiecesSpelling: Spelling = {
  definition: armRoutine({
    name: copyPieces.name,
    note: ['Copies pieces of up to 16 bytes that lie from_step and to_step apart.'],
    parameters: [...pointers, ...['count', 'bytes', 'from_step', 'to_step'].map((name) => ({ type: 'int32_t', name }))],
    lines,
    vectors: true,
  }),
  cost: (count = 8) => ({ instructions: 18 + turn.length * count, codeBytes: 4 * instructionsIn(lines) + 24 }),
};

const moveLines = [
  'wlstp.8 lr, r2, 2f',
  '1: @ 16 bytes',
  'vldrb.u8 q0, [r0], #16',
  'vstrb.8 q0, [r1], #16',
  'letp lr, 1b',
  '2:',
];

const moveBytesSpelling: Spelling = {
  definition: armRoutine({
    name: moveBytes.name,
    note: ['Moves bytes, upwards.'],
    parameters: [...pointers, { type: 'int32_t', name: 'bytes' }],
    lines: moveLines,
    vectors: true,
  }),
  cost: (bytes = 64) => ({
    instructions: 6 + 3 * Math.ceil(bytes / pieceBytes),
    codeBytes: 4 * instructionsIn(moveLines) + 8,
  }),
};

export const copySpellings: Readonly<Record<string, Spelling>> = {
  [copyPieces.name]: copyPiecesSpelling,
  [moveBytes.name]: moveBytesSpelling,
};
