// Arm semihosting for an emulator without it: files in memory, console text, exit. Answers as the specification of
// the calls says; what the test program does not use is refused.

/** The guest's memory as the host sees it. A range outside of it is an error of the guest. */
export interface GuestMemory {
  bytes(address: number, length: number): Uint8Array;
}

export interface Semihosting {
  /** Answers one call; the result goes into r0. */
  call(memory: GuestMemory, operation: number, argument: number): number;
  readonly console: string;
  /** Undefined while the program runs. */
  readonly exitCode: number | undefined;
  /** What was written to a file. */
  written(name: string): Uint8Array;
}

const operations = { open: 0x01, close: 0x02, write0: 0x04, write: 0x05, read: 0x06, exitExtended: 0x20 } as const;
const openForWriting = 4;
const applicationExit = 0x20026;

/** A host whose readable files are given by name. */
export function createSemihosting(files: ReadonlyMap<string, Uint8Array>): Semihosting {
  const open: { name: string; position: number }[] = [];
  const output = new Map<string, Uint8Array[]>();
  let console = '';
  let exitCode: number | undefined;

  const word = (memory: GuestMemory, address: number): number => {
    const bytes = memory.bytes(address, 4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  };
  const text = (memory: GuestMemory, address: number): string => {
    let result = '';
    for (let byte: number; (byte = memory.bytes(address++, 1)[0] ?? 0) !== 0; ) result += String.fromCharCode(byte);
    return result;
  };

  return {
    call(memory, operation, argument) {
      const parameter = (index: number): number => word(memory, argument + 4 * index);
      switch (operation) {
        case operations.open: {
          const name = Buffer.from(memory.bytes(parameter(0), parameter(2))).toString('latin1');
          if (parameter(1) >= openForWriting) output.set(name, []);
          else if (!files.has(name)) return -1;
          return open.push({ name, position: 0 });
        }
        case operations.close:
          return 0;
        case operations.write0:
          console += text(memory, argument);
          return 0;
        case operations.write: {
          const file = open[parameter(0) - 1];
          const chunks = file === undefined ? undefined : output.get(file.name);
          if (chunks === undefined) return parameter(2);
          chunks.push(memory.bytes(parameter(1), parameter(2)).slice());
          return 0;
        }
        case operations.read: {
          const file = open[parameter(0) - 1];
          const bytes = file === undefined ? undefined : files.get(file.name);
          if (file === undefined || bytes === undefined) return parameter(2);
          const chunk = bytes.subarray(file.position, file.position + parameter(2));
          memory.bytes(parameter(1), chunk.length).set(chunk);
          file.position += chunk.length;
          return parameter(2) - chunk.length;
        }
        case operations.exitExtended:
          exitCode = parameter(0) === applicationExit ? parameter(1) : 1;
          return 0;
        default:
          throw new Error(`semihosting operation 0x${operation.toString(16)} is not known here`);
      }
    },
    get console() {
      return console;
    },
    get exitCode() {
      return exitCode;
    },
    written: (name) => Buffer.concat(output.get(name) ?? []),
  };
}
