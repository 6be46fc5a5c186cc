// The emulated boards, as data: compiler, memory map, machine, and where instructions can be read off. Facts from
// QEMU 7.2's machine models and the RP2040 data sheet.

/** A stretch of memory. */
export interface Memory {
  readonly origin: number;
  readonly bytes: number;
}

/**
 * How the firmware reads time, which under QEMU's `-icount shift=s` advances by 2^s ns an instruction:
 * - `cmsdk-dualtimer`: two 32-bit down counters at `base`, one per clock and one per 256 clocks
 * - `sse-counter`: a 64-bit up counter, started at `control`, read at `base`
 * - `minstret`: the core's own 64-bit counter; with shift 0 it counts instructions
 * - `host`: the emulator answers a breakpoint with its own count
 */
export type Counter =
  | { readonly kind: 'cmsdk-dualtimer'; readonly base: number; readonly hz: number; readonly shift: number }
  | {
      readonly kind: 'sse-counter';
      readonly control: number;
      readonly base: number;
      readonly hz: number;
      readonly shift: number;
    }
  | { readonly kind: 'minstret'; readonly shift: 0 }
  | { readonly kind: 'host' };

export interface Board {
  /** The target's name, as in `--target`. */
  readonly name: string;
  readonly architecture: 'arm' | 'riscv';
  readonly compiler: string;
  /** Flags that name the core, for compiling and linking. */
  readonly coreFlags: readonly string[];
  /** Where the vector table must be, when not at the start of flash. */
  readonly vectors?: Memory;
  readonly flash: Memory;
  readonly ram: Memory;
  readonly stackBytes: number;
  readonly counter: Counter;
  /** QEMU's program and machine arguments; absent for boards that another emulator runs. */
  readonly qemu?: { readonly program: string; readonly machine: readonly string[] };
}

const KiB = 1024;
const MiB = 1024 * KiB;

const arm = { architecture: 'arm', compiler: 'arm-none-eabi-gcc', stackBytes: 64 * KiB } as const;
const qemuArm = (...machine: string[]) => ({ program: 'qemu-system-arm', machine: ['-M', ...machine] });
const mps2Timer = { kind: 'cmsdk-dualtimer', base: 0x40002000, hz: 25e6, shift: 8 } as const;

export const boards = {
  'cortex-m0plus': {
    ...arm,
    name: 'cortex-m0plus',
    coreFlags: ['-mthumb', '-mcpu=cortex-m0plus'],
    flash: { origin: 0x10000000, bytes: 16 * MiB },
    ram: { origin: 0x20000000, bytes: 264 * KiB },
    stackBytes: 8 * KiB,
    counter: { kind: 'host' },
  },
  'cortex-m3': {
    ...arm,
    name: 'cortex-m3',
    coreFlags: ['-mthumb', '-mcpu=cortex-m3'],
    flash: { origin: 0, bytes: 4 * MiB },
    ram: { origin: 0x21000000, bytes: 16 * MiB },
    counter: mps2Timer,
    qemu: qemuArm('mps2-an385'),
  },
  'cortex-m4': {
    ...arm,
    name: 'cortex-m4',
    coreFlags: ['-mthumb', '-mcpu=cortex-m4', '-mfpu=fpv4-sp-d16', '-mfloat-abi=hard'],
    flash: { origin: 0, bytes: 4 * MiB },
    ram: { origin: 0x21000000, bytes: 16 * MiB },
    counter: mps2Timer,
    qemu: qemuArm('mps2-an386'),
  },
  'cortex-m7': {
    ...arm,
    name: 'cortex-m7',
    coreFlags: ['-mthumb', '-mcpu=cortex-m7', '-mfpu=fpv5-d16', '-mfloat-abi=hard'],
    flash: { origin: 0, bytes: 4 * MiB },
    ram: { origin: 0x60000000, bytes: 16 * MiB },
    counter: mps2Timer,
    qemu: qemuArm('mps2-an500'),
  },
  'cortex-m33': {
    ...arm,
    name: 'cortex-m33',
    coreFlags: ['-mthumb', '-mcpu=cortex-m33', '-mfpu=fpv5-sp-d16', '-mfloat-abi=hard'],
    flash: { origin: 0x10000000, bytes: 4 * MiB },
    ram: { origin: 0x80000000, bytes: 16 * MiB },
    counter: { kind: 'cmsdk-dualtimer', base: 0x50002000, hz: 20e6, shift: 8 },
    qemu: qemuArm('mps2-an505'),
  },
  'cortex-m55': {
    ...arm,
    name: 'cortex-m55',
    coreFlags: ['-mthumb', '-mcpu=cortex-m55', '-mfloat-abi=hard'],
    // The vector table is found at 0, where only 512 KiB are; the rest lies in the secure view of the DDR memory.
    vectors: { origin: 0, bytes: 4 * KiB },
    flash: { origin: 0x70000000, bytes: 16 * MiB },
    ram: { origin: 0x71000000, bytes: 64 * MiB },
    counter: { kind: 'sse-counter', control: 0x58100000, base: 0x58000000, hz: 32e6, shift: 8 },
    qemu: qemuArm('mps3-an547'),
  },
  rv32imc: {
    name: 'rv32imc',
    architecture: 'riscv',
    compiler: 'riscv64-unknown-elf-gcc',
    coreFlags: ['-march=rv32imc', '-mabi=ilp32', '--specs=picolibc.specs'],
    flash: { origin: 0x80000000, bytes: 16 * MiB },
    ram: { origin: 0x81000000, bytes: 64 * MiB },
    stackBytes: 64 * KiB,
    counter: { kind: 'minstret', shift: 0 },
    qemu: { program: 'qemu-system-riscv32', machine: ['-M', 'virt', '-bios', 'none'] },
  },
} as const satisfies Readonly<Record<string, Board>>;

export type BoardName = keyof typeof boards;
