// Little-endian ELF32 files: segments to load, sections to measure, symbols to name addresses. Every offset is checked.

export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface Section {
  readonly name: string;
  readonly bytes: number;
  readonly executable: boolean;
  readonly writable: boolean;
  /** False for what only takes up memory, as .bss. */
  readonly stored: boolean;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

export interface Elf {
  readonly entry: number;
  /** At their load (physical) addresses. */
  readonly segments: readonly Segment[];
  /** Those that occupy memory of the target. */
  readonly sections: readonly Section[];
  readonly functions: readonly ElfSymbol[];
}

const loadable = 1;
const symbolTable = 2;
const noBits = 8;
const functionType = 2;
const flags = { write: 1, allocate: 2, execute: 4 } as const;

/** @throws on anything that is not a whole ELF32 file: only compilers write the files read here */
export function readElf(file: Uint8Array): Elf {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const fail = (what: string): never => {
    throw new Error(`internal error: not an ELF file as expected: ${what}`);
  };
  const part = (offset: number, bytes: number): Uint8Array =>
    offset + bytes <= file.length ? file.subarray(offset, offset + bytes) : fail('it is cut short');
  const u32 = (offset: number): number =>
    offset + 4 <= file.length ? view.getUint32(offset, true) : fail('cut short');
  const u16 = (offset: number): number =>
    offset + 2 <= file.length ? view.getUint16(offset, true) : fail('cut short');
  // Identification: magic, 32 bits, little-endian.
  if (u32(0) !== 0x464c457f || u16(4) !== 0x0101) fail('wrong identification');
  const table = (offset: number, size: number, count: number): number[] =>
    Array.from({ length: count }, (_, index) => offset + index * size);

  const segments = table(u32(28), u16(42), u16(44))
    .filter((at) => u32(at) === loadable && u32(at + 16) > 0)
    .map((at) => ({ address: u32(at + 12), bytes: part(u32(at + 4), u32(at + 16)) }));

  const headers = table(u32(32), u16(46), u16(48)).map((at) => ({
    name: u32(at),
    type: u32(at + 4),
    flags: u32(at + 8),
    offset: u32(at + 16),
    bytes: u32(at + 20),
    link: u32(at + 24),
  }));
  const text = (strings: { offset: number; bytes: number } | undefined, at: number): string => {
    const bytes = strings === undefined ? fail('no string table') : part(strings.offset, strings.bytes);
    const end = bytes.indexOf(0, at);
    return end < 0 ? fail('a name without an end') : Buffer.from(bytes.subarray(at, end)).toString('latin1');
  };
  const names = headers[u16(50)];
  const sections = headers
    .filter((header) => header.flags & flags.allocate)
    .map((header) => ({
      name: text(names, header.name),
      bytes: header.bytes,
      executable: (header.flags & flags.execute) !== 0,
      writable: (header.flags & flags.write) !== 0,
      stored: header.type !== noBits,
    }));
  const functions = headers
    .filter((header) => header.type === symbolTable)
    .flatMap((symbols) =>
      table(symbols.offset, 16, Math.floor(part(symbols.offset, symbols.bytes).length / 16))
        .filter((at) => (view.getUint8(at + 12) & 15) === functionType)
        // The lowest bit of an address only says Thumb.
        .map((at) => ({ name: text(headers[symbols.link], u32(at)), address: u32(at + 4) & ~1, bytes: u32(at + 8) })),
    )
    .map((symbol) => ({ ...symbol, address: symbol.address >>> 0 }));
  return { entry: u32(24), segments, sections, functions };
}

/** The function an address belongs to. */
export function functionAt(elf: Elf, address: number): string | undefined {
  return elf.functions.find((one) => address >= one.address && address < one.address + Math.max(one.bytes, 1))?.name;
}
