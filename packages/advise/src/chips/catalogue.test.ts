// The catalogue: every entry keeps the schema, no id twice, boards have chips; a broken entry is named with file, entry and field.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdviceError } from '../advice-error.ts';
import { boards, chips } from './catalogue/index.ts';
import { boardSchema, type Chip, chipSchema } from './chip.ts';
import { cores } from './cores.ts';
import { chipNames, findChip } from './find-chip.ts';
import { readChips } from './read-chips.ts';

const chip = (id: string): Chip => chips.find((own) => own.id === id) ?? expect.fail(`no ${id}`);

describe('the catalogue', () => {
  it('has at least 70 chips and boards, each checked by the schema', () => {
    expect(chips.length).toBeGreaterThanOrEqual(70);
    for (const own of chips) expect(chipSchema.safeParse(own).error?.issues ?? []).toEqual([]);
    for (const own of boards) expect(boardSchema.safeParse(own).error?.issues ?? []).toEqual([]);
  });

  it('has every id once, and boards of known chips', () => {
    const ids = [...chips, ...boards].map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(boards.filter((board) => findChip(board.chip) === undefined)).toEqual([]);
  });

  it('says of every chip what it can run from and what it rests on', () => {
    for (const {
      id,
      flashKib,
      externalFlashKib,
      ramKib,
      largestRamKib,
      source,
      verified,
      verifiedFields,
      core,
    } of chips) {
      expect(flashKib > 0 || externalFlashKib !== undefined, `${id} has flash`).toBe(true);
      expect(largestRamKib ?? 0, id).toBeLessThan(ramKib);
      expect(source.length, id).toBeGreaterThan(0);
      expect(!verified || verifiedFields.length > 0, `${id} says what was read`).toBe(true);
      expect(cores[core].target !== undefined || cores[core].unusable !== undefined, `${id} runs or says why not`).toBe(
        true,
      );
    }
  });

  it('has banks that do not exceed the RAM', () => {
    for (const { id, ramBanks = [], ramKib } of chips) {
      const banks = ramBanks.reduce((total, { kib }) => total + kib, 0);
      // Makers count some banks only in part.
      expect(banks, id).toBeLessThanOrEqual(ramKib * 1.06);
    }
  });
});

describe('a chip by its name', () => {
  it('is found by id, by the beginning of one id, and by a board', () => {
    expect(findChip('STM32U585AI')?.id).toBe('stm32u585ai');
    expect(findChip('stm32u585')?.id).toBe('stm32u585ai');
    expect(findChip('raspberry-pi-pico')?.id).toBe('rp2040');
    expect(findChip('raspberry-pi-pico-w')?.radios).toContain('wifi');
    expect(findChip('stm32')).toBeUndefined();
    expect(findChip('')).toBeUndefined();
    expect(chipNames()).toContain('teensy-41');
  });
});

describe("a user's own chips", () => {
  const complaints = (parsed: unknown): readonly string[] => {
    try {
      readChips(parsed, 'mine.yaml');
      return [];
    } catch (error) {
      if (error instanceof AdviceError) return error.issues;
      throw error;
    }
  };

  it('are read as the catalogue is written', () => {
    expect(readChips(JSON.parse(JSON.stringify(chips)), 'mine.yaml')).toEqual(chips);
  });

  it('of any shape are read or explained', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.array(fc.record({ id: fc.string(), ramKib: fc.jsonValue() }))),
        (parsed) => {
          // Anything but an AdviceError is thrown on.
          for (const issue of complaints(parsed)) expect(issue).toMatch(/^mine\.yaml: /);
        },
      ),
    );
  });

  it('are named with file, entry and field where they are wrong, all at once', () => {
    const { ramKib: _, ...noRam } = chip('nrf52840');
    const found = complaints([
      { ...noRam, clockMegahertz: 'fast', colour: 'green' },
      { ...chip('rp2040'), ramKib: -1 },
      7,
    ]);
    expect(found).toContainEqual(
      expect.stringMatching(/^mine\.yaml: entry nrf52840: clockMegahertz: .*number.*string/),
    );
    expect(found).toContainEqual(expect.stringMatching(/^mine\.yaml: entry nrf52840: ramKib: /));
    expect(found).toContainEqual('mine.yaml: entry nrf52840: unknown field colour');
    expect(found).toContainEqual(expect.stringMatching(/^mine\.yaml: entry rp2040: ramKib: /));
    expect(found).toContainEqual(expect.stringMatching(/^mine\.yaml: entry 3: /));
    expect(complaints({ id: 'x' })).toEqual([expect.stringMatching(/^mine\.yaml: expected a list of chips/)]);
    expect(complaints([chip('rp2040'), chip('rp2040')])).toEqual([
      'mine.yaml: entry rp2040: id: another entry has it too',
    ]);
  });
});
