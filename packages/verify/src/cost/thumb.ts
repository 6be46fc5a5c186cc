// Thumb instructions as far as their timing depends on what they are: kinds, registers moved, registers that form an
// address. Encodings as in the Armv7-M Architecture Reference Manual, chapter A5.

export type ThumbKind =
  | 'arithmetic'
  | 'multiply'
  | 'divide'
  | 'load'
  | 'store'
  | 'load-many'
  | 'store-many'
  | 'branch'
  | 'table-branch'
  | 'system'
  | 'float-transfer'
  | 'float-arithmetic'
  | 'float-multiply-accumulate'
  | 'float-divide'
  /** Helium and other coprocessors. */
  | 'vector';

export interface ThumbInstruction {
  readonly bytes: 2 | 4;
  readonly kind: ThumbKind;
  /** Words that a load or store moves. */
  readonly words: number;
  /** Registers that form the address of a single load or store, a bit each. */
  readonly addressRegisters: number;
  /** Whether a register is added to the address. */
  readonly indexed: boolean;
  /** The core register a single load writes. */
  readonly loaded?: number;
  /** Always leaves the straight line, unless a condition is put on it by IT. */
  readonly jumps: boolean;
  /** How many instructions behind it IT makes conditional. */
  readonly conditional: number;
}

type Details = Partial<Omit<ThumbInstruction, 'bytes' | 'kind'>>;

/** An encoding: the bits under the mask, the first halfword above the second. The first row that fits holds. */
interface Row {
  readonly mask: number;
  readonly bits: number;
  readonly kind: ThumbKind;
  readonly details?: (high: number, low: number) => Details;
}

const pc = 15;
const sp = 13;

const onesOf = (bits: number): number => {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
};

/** The program counter is no register that an instruction before could still be writing. */
const registers = (...numbers: readonly number[]): number =>
  numbers.reduce((set, number) => (number === pc ? set : set | (1 << number)), 0);

const many = (list: number): Details => ({ words: onesOf(list) });
const narrow = (loaded: number | undefined, ...address: readonly number[]): Details => ({
  words: 1,
  addressRegisters: registers(...address),
  indexed: address.length > 1,
  ...(loaded === undefined ? {} : { loaded }),
});

const rowsOf16: readonly Row[] = [
  { mask: 0xff00, bits: 0x4700, kind: 'branch' }, // BX BLX
  { mask: 0xff87, bits: 0x4487, kind: 'branch' }, // ADD pc
  { mask: 0xff87, bits: 0x4687, kind: 'branch' }, // MOV pc
  { mask: 0xffc0, bits: 0x4340, kind: 'multiply' },
  { mask: 0xf800, bits: 0x4800, kind: 'load', details: (h) => narrow((h >> 8) & 7, pc) },
  // Register offset: STR STRH STRB, then LDRSB LDR LDRH LDRB LDRSH.
  { mask: 0xfe00, bits: 0x5600, kind: 'load', details: (h) => narrow(h & 7, (h >> 3) & 7, (h >> 6) & 7) },
  { mask: 0xf800, bits: 0x5800, kind: 'load', details: (h) => narrow(h & 7, (h >> 3) & 7, (h >> 6) & 7) },
  { mask: 0xf000, bits: 0x5000, kind: 'store', details: (h) => narrow(undefined, (h >> 3) & 7, (h >> 6) & 7) },
  // Words and bytes, then halfwords, at an immediate offset; then words on the stack.
  { mask: 0xe800, bits: 0x6800, kind: 'load', details: (h) => narrow(h & 7, (h >> 3) & 7) },
  { mask: 0xe800, bits: 0x6000, kind: 'store', details: (h) => narrow(undefined, (h >> 3) & 7) },
  { mask: 0xf800, bits: 0x8800, kind: 'load', details: (h) => narrow(h & 7, (h >> 3) & 7) },
  { mask: 0xf800, bits: 0x8000, kind: 'store', details: (h) => narrow(undefined, (h >> 3) & 7) },
  { mask: 0xf800, bits: 0x9800, kind: 'load', details: (h) => narrow((h >> 8) & 7, sp) },
  { mask: 0xf800, bits: 0x9000, kind: 'store', details: () => narrow(undefined, sp) },
  { mask: 0xfe00, bits: 0xb400, kind: 'store-many', details: (h) => many(h & 0x1ff) }, // PUSH
  { mask: 0xfe00, bits: 0xbc00, kind: 'load-many', details: (h) => many(h & 0x1ff) }, // POP
  { mask: 0xf500, bits: 0xb100, kind: 'branch' }, // CBZ CBNZ
  { mask: 0xff0f, bits: 0xbf00, kind: 'arithmetic' }, // hints
  { mask: 0xff00, bits: 0xbf00, kind: 'arithmetic', details: (h) => ({ conditional: conditionalBehind(h & 15) }) }, // IT
  { mask: 0xff00, bits: 0xbe00, kind: 'system' }, // BKPT
  { mask: 0xffe0, bits: 0xb660, kind: 'system' }, // CPS
  { mask: 0xf800, bits: 0xc000, kind: 'store-many', details: (h) => many(h & 0xff) },
  { mask: 0xf800, bits: 0xc800, kind: 'load-many', details: (h) => many(h & 0xff) },
  { mask: 0xfe00, bits: 0xde00, kind: 'system' }, // UDF SVC
  { mask: 0xf000, bits: 0xd000, kind: 'branch' },
  { mask: 0xf800, bits: 0xe000, kind: 'branch', details: () => ({ jumps: true }) },
  { mask: 0x0000, bits: 0x0000, kind: 'arithmetic' },
];

/** The lowest bit that is set in IT's mask ends the list. */
const conditionalBehind = (mask: number): number => 4 - Math.log2(mask & -mask);

/** A single load or store of 32 bits; only where bits 11 to 6 of the second half are clear is a register added. */
const wide =
  (isLoad: boolean) =>
  (high: number, low: number): Details => {
    const base = high & 15;
    const indexed = base !== pc && (high & 0x80) === 0 && (low & 0x0fc0) === 0;
    return narrow(isLoad ? low >>> 12 : undefined, base, ...(indexed ? [low & 15] : []));
  };

/** A floating-point register from or to memory. */
const float = (high: number, low: number): Details => ({
  words: (low & 0x0f00) === 0x0b00 ? 2 : 1,
  addressRegisters: registers(high & 15),
});

const rowsOf32: readonly Row[] = [
  // Load and store multiple, then dual, exclusive and table branch.
  { mask: 0xfe500000, bits: 0xe8100000, kind: 'load-many', details: (_, low) => many(low) },
  { mask: 0xfe500000, bits: 0xe8000000, kind: 'store-many', details: (_, low) => many(low) },
  { mask: 0xfff0ffe0, bits: 0xe8d0f000, kind: 'table-branch', details: () => ({ words: 1 }) },
  { mask: 0xffffffff, bits: 0xe97fe97f, kind: 'system' }, // SG
  { mask: 0xff700000, bits: 0xe8700000, kind: 'load-many', details: () => ({ words: 2 }) },
  { mask: 0xff700000, bits: 0xe8600000, kind: 'store-many', details: () => ({ words: 2 }) },
  { mask: 0xff500000, bits: 0xe9500000, kind: 'load-many', details: () => ({ words: 2 }) },
  { mask: 0xff500000, bits: 0xe9400000, kind: 'store-many', details: () => ({ words: 2 }) },
  { mask: 0xfff00000, bits: 0xe8500000, kind: 'load', details: wide(true) },
  { mask: 0xfff00000, bits: 0xe8d00000, kind: 'load', details: wide(true) },
  { mask: 0xfff00000, bits: 0xe8400000, kind: 'store', details: wide(false) },
  { mask: 0xfff00000, bits: 0xe8c00000, kind: 'store', details: wide(false) },
  // Floating point: two core registers, one word or two, several, arithmetic.
  { mask: 0xffe00e00, bits: 0xec400a00, kind: 'float-transfer' },
  { mask: 0xff300e00, bits: 0xed100a00, kind: 'load', details: float },
  { mask: 0xff300e00, bits: 0xed000a00, kind: 'store', details: float },
  { mask: 0xfe100e00, bits: 0xec100a00, kind: 'load-many', details: (_, low) => ({ words: low & 0xff }) },
  { mask: 0xfe100e00, bits: 0xec000a00, kind: 'store-many', details: (_, low) => ({ words: low & 0xff }) },
  { mask: 0xff000e10, bits: 0xee000a10, kind: 'float-arithmetic' }, // moves to and from core registers
  { mask: 0xffa00e10, bits: 0xee000a00, kind: 'float-multiply-accumulate' }, // VMLA VMLS VNMLA VNMLS
  { mask: 0xffb00e10, bits: 0xee900a00, kind: 'float-multiply-accumulate' }, // VFNMA VFNMS
  { mask: 0xffb00e10, bits: 0xeea00a00, kind: 'float-multiply-accumulate' }, // VFMA VFMS
  { mask: 0xffb00e10, bits: 0xee800a00, kind: 'float-divide' },
  { mask: 0xffbf0ed0, bits: 0xeeb10ac0, kind: 'float-divide' }, // VSQRT
  { mask: 0xff000e10, bits: 0xee000a00, kind: 'float-arithmetic' },
  { mask: 0xec000000, bits: 0xec000000, kind: 'vector' },
  { mask: 0xfe000000, bits: 0xea000000, kind: 'arithmetic' },
  // Branches and control; what has bit 15 of the second half clear is arithmetic with an immediate.
  { mask: 0xf800d000, bits: 0xf000d000, kind: 'branch', details: () => ({ jumps: true }) }, // BL
  { mask: 0xf800d000, bits: 0xf0009000, kind: 'branch', details: () => ({ jumps: true }) }, // B
  { mask: 0xf800d000, bits: 0xf000c000, kind: 'vector' }, // low-overhead loops
  { mask: 0xfffff000, bits: 0xf3af8000, kind: 'arithmetic' }, // hints
  { mask: 0xfb80d000, bits: 0xf3808000, kind: 'system' }, // MSR MRS barriers
  { mask: 0xf800d000, bits: 0xf0008000, kind: 'branch' },
  { mask: 0xf8008000, bits: 0xf0000000, kind: 'arithmetic' },
  // Single loads and stores; loads of bytes and halfwords into the program counter are hints to preload.
  { mask: 0xfe70f000, bits: 0xf810f000, kind: 'arithmetic' },
  { mask: 0xfe70f000, bits: 0xf830f000, kind: 'arithmetic' },
  { mask: 0xfe100000, bits: 0xf8100000, kind: 'load', details: wide(true) },
  { mask: 0xfe100000, bits: 0xf8000000, kind: 'store', details: wide(false) },
  { mask: 0xff800000, bits: 0xfb000000, kind: 'multiply' },
  { mask: 0xffd00000, bits: 0xfb900000, kind: 'divide' },
  { mask: 0xff800000, bits: 0xfb800000, kind: 'multiply' },
  { mask: 0x00000000, bits: 0x00000000, kind: 'arithmetic' },
];

const nothing = { words: 0, addressRegisters: 0, indexed: false, jumps: false, conditional: 0 } as const;

const bytesOf = (first: number): 2 | 4 => (first >>> 11 >= 0x1d ? 4 : 2);

/** Decodes the instruction whose halfwords are given; the second is only looked at where there is one. */
export function decodeThumb(first: number, second: number): ThumbInstruction {
  const bytes = bytesOf(first);
  const word = bytes === 2 ? first : ((first << 16) | second) >>> 0;
  const row = (bytes === 2 ? rowsOf16 : rowsOf32).find(({ mask, bits }) => (word & mask) >>> 0 === bits);
  if (row === undefined) throw new Error(`internal error: no row for 0x${word.toString(16)}`);
  return { bytes, kind: row.kind, ...nothing, ...row.details?.(first, second) };
}

/** The halfword at an address of a program. */
export type ReadCode = (address: number) => number;

/** The instruction at an address. */
export function decodeAt(address: number, read: ReadCode): ThumbInstruction {
  const first = read(address);
  return decodeThumb(first, bytesOf(first) === 4 ? read(address + 2) : 0);
}

export interface ThumbBlock {
  readonly code: readonly ThumbInstruction[];
  /** The address behind it. */
  readonly end: number;
  /** Whether its last instruction always jumps, be it to what follows. */
  readonly jumps: boolean;
}

/** So many instructions from an address on. */
export function decodeBlock(start: number, instructions: number, read: ReadCode): ThumbBlock {
  const code: ThumbInstruction[] = [];
  let end = start;
  let conditional = 0;
  let jumps = false;
  for (let i = 0; i < instructions; i++) {
    const instruction = decodeAt(end, read);
    code.push(instruction);
    end += instruction.bytes;
    jumps = instruction.jumps && conditional === 0;
    conditional = instruction.conditional || Math.max(0, conditional - 1);
  }
  return { code, end, jumps };
}
