// What fits: verdicts worked by hand, the change that lets a chip in does let it in, and more is never less.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdviceError } from '../advice-error.ts';
import { chips } from '../chips/catalogue/index.ts';
import type { Chip } from '../chips/chip.ts';
import { madeUpNeeds } from '../testing/needs.ts';
import type { Demands } from './demands.ts';
import { fit } from './fit.ts';

const chip = (id: string): Chip => chips.find((own) => own.id === id) ?? expect.fail(`no ${id}`);
const idsOf = (demands: Demands, needs = madeUpNeeds()): ReadonlySet<string> =>
  new Set(fit(needs, demands).fits.map(({ chip: own }) => own.id));

describe('fit', () => {
  it('counts tensors, stack and reserve against RAM, and takes a build with less memory where that is needed', () => {
    // 20,000 + 8,192 + 2,048 = 30,240 bytes; 32 KiB are 32,768, 28 KiB are 28,672: there 10,000 + 10,240 fit.
    const { fits } = fit(madeUpNeeds(), {}, { chips: [chip('stm32f091rc'), chip('cc2340r2')] });
    expect(fits.map(({ chip: own, build }) => [own.id, build.options])).toEqual([
      ['cc2340r2', '--ram 10000'],
      ['stm32f091rc', ''],
    ]);
  });

  it('names the demand that is missed by most, with both figures', () => {
    const { rejected } = fit(madeUpNeeds({ arenaBytes: 200_000 }), {}, { chips: [chip('nrf52832')] });
    expect(rejected).toEqual([
      expect.objectContaining({ demand: 'ram', reason: expect.stringMatching(/needs 108 KiB of RAM, has 64 KiB/) }),
    ]);
  });

  it('rules out cores that generated code does not run on', () => {
    const { rejected } = fit(madeUpNeeds(), {}, { chips: [chip('atmega328p')] });
    expect(rejected[0]).toMatchObject({ demand: 'core', reason: 'an 8-bit core; generated code is for 32-bit cores' });
  });

  it('keeps an arena in one piece of RAM', () => {
    const { rejected } = fit(madeUpNeeds({ arenaBytes: 1_300_000 }), {}, { chips: [chip('stm32h743zi')] });
    expect(rejected[0]?.reason).toMatch(/the largest piece of RAM has 512 KiB/);
  });

  it('wants a battery with enough volts', () => {
    const demands = { ratePerSecond: 1, battery: { milliampHours: 1000, volts: 1.5 } };
    const { rejected } = fit(madeUpNeeds(), demands, { chips: [chip('nrf52840')] });
    expect(rejected[0]).toMatchObject({
      demand: 'supply',
      reason: 'needs at least 1.7 V, the battery has 1.5 V',
      change: 'take a battery of 1.7 V, or a boost converter',
    });
  });

  it('ranks what is certain first, then by price', () => {
    const { fits } = fit(madeUpNeeds(), { latencyMs: 60, maxPriceUsd: 8 });
    const certain = fits.map((own) => own.certain);
    expect(certain).toEqual([...certain].sort((a, b) => Number(b) - Number(a)));
    expect(fits.length).toBeGreaterThan(3);
    for (const { checks } of fits) for (const { middle } of checks) expect(middle).toBeLessThanOrEqual(1);
  });

  it('says what lets the nearest in, and it does', () => {
    const needs = madeUpNeeds({ instructions: 2e7 });
    const demands = { ratePerSecond: 0.5, battery: { milliampHours: 230, volts: 3 }, lifeHours: 5000 };
    const { rejected } = fit(needs, demands);
    const changes = rejected.filter(({ change }) => change?.startsWith('ask for ') && !change.includes(', and '));
    expect(changes.length).toBeGreaterThan(2);
    for (const { chip: own, change } of changes) {
      const [, amount = '', unit = ''] = /ask for ([\d.,]+)\/(s|min|h|day) at most/.exec(change ?? '') ?? [];
      const seconds = { s: 1, min: 60, h: 3600, day: 86400 }[unit] ?? Number.NaN;
      const ratePerSecond = (Number(amount.replace(',', '')) / seconds) * 0.99;
      expect(fit(needs, { ...demands, ratePerSecond }, { chips: [own] }).fits, `${own.id}: ${change}`).toHaveLength(1);
    }
  });

  it('complains of demands that need each other', () => {
    expect(() => fit(madeUpNeeds(), { lifeHours: 1 })).toThrow(AdviceError);
    expect(() => fit(madeUpNeeds(), { lifeHours: 1 })).toThrow(/life.*no battery/);
    expect(() => fit(madeUpNeeds(), { battery: { milliampHours: 1, volts: 3 } })).toThrow(/no rate/);
  });
});

describe('more is never less', () => {
  const demands = fc.record(
    {
      latencyMs: fc.double({ min: 0.1, max: 1e4, noNaN: true }),
      ratePerSecond: fc.double({ min: 1e-4, max: 100, noNaN: true }),
      lifeHours: fc.double({ min: 1, max: 2e4, noNaN: true }),
      maxPriceUsd: fc.double({ min: 0.2, max: 60, noNaN: true }),
    },
    { requiredKeys: ['ratePerSecond'] },
  );
  const battery = { milliampHours: 500, volts: 3 };
  const times = fc.double({ min: 1, max: 50, noNaN: true });
  const includes = (more: ReadonlySet<string>, less: ReadonlySet<string>): boolean =>
    [...less].every((id) => more.has(id));

  it('a lower rate', () => {
    fc.assert(
      fc.property(demands, times, (own, factor) => {
        const lower = { ...own, ratePerSecond: own.ratePerSecond / factor };
        expect(includes(idsOf({ ...lower, battery }), idsOf({ ...own, battery }))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('a larger budget, a longer latency, a larger battery', () => {
    fc.assert(
      fc.property(demands, times, (own, factor) => {
        const before = idsOf({ ...own, battery });
        const larger = { ...battery, milliampHours: battery.milliampHours * factor };
        expect(includes(idsOf({ ...own, battery: larger }), before)).toBe(true);
        if (own.maxPriceUsd !== undefined)
          expect(includes(idsOf({ ...own, battery, maxPriceUsd: own.maxPriceUsd * factor }), before)).toBe(true);
        if (own.latencyMs !== undefined)
          expect(includes(idsOf({ ...own, battery, latencyMs: own.latencyMs * factor }), before)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('more RAM, in the chip or left over for the model', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 2_000_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        times,
        (arenaBytes, reserveRamBytes, factor) => {
          const needs = madeUpNeeds({ arenaBytes });
          const before = idsOf({ reserveRamBytes }, needs);
          const roomier = chips.map((own) => ({
            ...own,
            ramKib: own.ramKib * factor,
            ...(own.largestRamKib === undefined ? {} : { largestRamKib: own.largestRamKib * factor }),
          }));
          const after = new Set(
            fit(needs, { reserveRamBytes }, { chips: roomier }).fits.map(({ chip: own }) => own.id),
          );
          expect(includes(after, before)).toBe(true);
          expect(includes(idsOf({ reserveRamBytes: reserveRamBytes / factor }, needs), before)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
