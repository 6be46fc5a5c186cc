import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkKernel } from '../../kernel/check.ts';
import { interpret } from '../../kernel/interpret.ts';
import type { KernelArgument } from '../../kernel/ir.ts';
import { buildKernel } from '../../kernel/writer.ts';
import { packRequantisation, unpackRequantisation } from './unpack-requantisation.ts';

function unpacked(packed: Uint8Array, words: number): Int32Array {
  const table: KernelArgument = { name: 'table', type: 'i32', length: words, space: 'argument', access: 'write' };
  const kernel = buildKernel('unpack', 'unpack', [table], (k) =>
    k.instr(unpackRequantisation, { region: k.constant('packed', packed) }, { region: table }),
  );
  checkKernel(kernel);
  const result = new Int32Array(words);
  interpret(kernel, [result]);
  return result;
}

const channel = (biasBits: number, shifts: number, zeros: number) =>
  fc
    .record({
      bias: fc.integer({ min: -(2 ** biasBits), max: 2 ** biasBits - 1 }),
      shift: fc.integer({ min: 1, max: shifts }),
      factor: fc.integer({ min: 2 ** (30 - zeros), max: 2 ** (31 - zeros) - 1 }),
    })
    .map(({ bias, shift, factor }) => [bias * 32 + shift, factor * 2 ** zeros]);

it('gives back any table that can be packed, in as many bits as its largest numbers need', () => {
  const tables = fc
    .record({
      biasBits: fc.integer({ min: 0, max: 20 }),
      shifts: fc.integer({ min: 1, max: 15 }),
      zeros: fc.integer({ min: 0, max: 29 }),
    })
    .chain((sizes) =>
      fc.tuple(
        fc.constant(sizes),
        fc.array(channel(sizes.biasBits, sizes.shifts, sizes.zeros), { minLength: 1, maxLength: 300 }),
      ),
    );
  fc.assert(
    fc.property(tables, ([{ biasBits, zeros }, entries]) => {
      const table = Int32Array.from(entries.flat());
      const packed = packRequantisation(table);
      expect(packed).toBeDefined();
      if (packed === undefined) return;
      expect(unpacked(packed, table.length)).toEqual(table);
      const most = biasBits + 1 + 4 + Math.max(1, 30 - zeros);
      expect(packed.length).toBeLessThanOrEqual(12 + Math.ceil((most * entries.length) / 8));
    }),
    { seed: 3, numRuns: 200 },
  );
});

it.each([
  ['a bias of too many bits', [2 ** 25 * 32 + 1, 2 ** 30]],
  ['a factor of 0', [33, 0]],
  ['no channels', []],
])('refuses %s', (_, words) => {
  expect(packRequantisation(Int32Array.from(words))).toBeUndefined();
});
