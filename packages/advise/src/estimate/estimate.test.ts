// Estimates: figures that can be checked by hand, and what must hold for every chip.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chips } from '../chips/catalogue/index.ts';
import type { Chip } from '../chips/chip.ts';
import { cores } from '../chips/cores.ts';
import { mixOf } from '../testing/needs.ts';
import { baseCycles, lineStall } from './base-cycles.ts';
import { lifeHours, meanMilliwatts, shelfLifeHours } from './battery.ts';
import { estimate } from './estimate.ts';
import { statedPower } from './stated-current.ts';

const chip = (id: string): Chip => chips.find((own) => own.id === id) ?? expect.fail(`no ${id}`);
const usable = chips.filter(({ core }) => cores[core].target !== undefined);
const anyChip = fc.constantFrom(...usable);
const running = { mix: mixOf(1e6), streamedBytes: 20_000, sparseReads: 0 };

describe('base cycles', () => {
  it('are instructions by kind, cache misses, and lines of what streams and of single reads', () => {
    const own = chip('stm32l4r5zi');
    // Cortex-M4: loads 1.6, stores 1.2, multiplies 1, branches 2.5, others 1.
    const computing = 0.22e6 * 1.6 + 0.1e6 * 1.2 + 0.35e6 + 0.03e6 * 2.5 + 0.3e6;
    // 50 ns a line at 120 MHz are 6 cycles, 5 beyond the first; 2 lines in 100 instructions, 32 bytes each.
    expect(lineStall(own, 120)).toBeCloseTo(5, 9);
    expect(baseCycles(running, own, 120)).toBeCloseTo(computing + (1e6 * 0.02 + 20_000 / 32) * 5, 3);
  });

  it('have a line for each single read of a table', () => {
    const own = chip('stm32l4r5zi');
    const searched = baseCycles({ ...running, sparseReads: 100 }, own, 120);
    expect(searched - baseCycles(running, own, 120)).toBeCloseTo(100 * 5, 6);
  });

  it('take floats in hardware where the chip has an FPU', () => {
    const floats = { ...running, mix: { ...running.mix, floats: 1e6 } };
    // Neither core has a target with floats of its own.
    expect(baseCycles(floats, chip('esp32'), 100)).toBeLessThan(baseCycles(floats, chip('esp32s2'), 100) / 1.5);
    expect(baseCycles(running, chip('esp32'), 100)).toBeCloseTo(baseCycles(running, chip('esp32s2'), 100), 6);
  });

  it('are fewer at a lower clock, never below computing', () => {
    fc.assert(
      fc.property(anyChip, fc.double({ min: 0.05, max: 1, noNaN: true }), (own, share) => {
        const slow = baseCycles(running, own, own.clockMegahertz * share);
        expect(slow).toBeLessThanOrEqual(baseCycles(running, own, own.clockMegahertz));
        expect(slow).toBeGreaterThan(0);
      }),
    );
  });
});

describe('an estimate', () => {
  it('is ordered, positive and says what it rests on, for every chip', () => {
    for (const own of usable) {
      const figures = estimate(running, own) ?? expect.fail(`none for ${own.id}`);
      for (const { low, middle, high } of [
        figures.cycles,
        figures.latencyMs,
        figures.milliwatts,
        figures.microjoules,
      ]) {
        expect(low, own.id).toBeGreaterThan(0);
        expect(middle, own.id).toBeGreaterThan(low);
        expect(high, own.id).toBeGreaterThan(middle);
        expect(Number.isFinite(high), own.id).toBe(true);
      }
      expect(figures.basis.join(' '), own.id).toMatch(/cycles: .*power: /);
    }
  });

  it('is narrower where the chip or its core was measured, and says where it is outside', () => {
    const width = (id: string): number => {
      const { latencyMs } = estimate(running, chip(id)) ?? expect.fail(id);
      return latencyMs.high / latencyMs.low;
    };
    expect(width('stm32l4r5zi')).toBeLessThan(width('stm32f411re'));
    expect(width('stm32f411re')).toBeLessThan(width('esp32c3'));
    expect(estimate(running, chip('esp32c3'))?.basis).toContain(
      'outside the calibrated range: no chip with a rv32imc was measured',
    );
    expect(estimate(running, chip('stm32l4r5zi'))?.standing).toBe('chip');
    expect(estimate(running, chip('stm32f411re'))?.standing).toBe('core');
  });

  it('is wider, and says so, for what is no int8 network', () => {
    const own = chip('stm32l4r5zi');
    const width = (other: typeof running): number => {
      const { latencyMs } = estimate(other, own) ?? expect.fail('none');
      return latencyMs.high / latencyMs.low;
    };
    const floats = { ...running, mix: { ...running.mix, floats: 2e5 } };
    const trees = { ...running, sparseReads: 50_000 };
    const table = { ...running, sparseReads: 50 };
    expect(estimate(running, own)?.outside).toEqual([]);
    expect(estimate(table, own)?.outside).toEqual([]);
    expect(estimate(floats, own)?.outside).toEqual(['it computes in floats, what was measured in int8']);
    expect(estimate(trees, own)?.outside).toEqual(['it mostly decides and looks up, what was measured multiplies']);
    expect(width(floats)).toBeGreaterThan(width(running));
    expect(width(trees)).toBeGreaterThan(width(running));
  });

  it('uses counted instructions where there are some', () => {
    const own = chip('stm32l4r5zi');
    const counted = estimate({ ...running, instructions: 2e6 }, own)?.cycles.middle ?? 0;
    const predicted = estimate(running, own)?.cycles.middle ?? 0;
    expect(counted / predicted).toBeGreaterThan(1.9);
    expect(counted / predicted).toBeLessThan(2.1);
  });

  it('is absent where nothing can be compiled', () => {
    expect(estimate(running, chip('atmega328p'))).toBeUndefined();
  });
});

describe('power', () => {
  it('is the same current behind a linear regulator, the same power behind a switching one', () => {
    // 100 µA/MHz; 19.5 µA/MHz at 3.3 V.
    expect(statedPower(chip('stm32l4r5zi'), 1.8)).toBeCloseTo(0.18, 9);
    expect(statedPower(chip('stm32l4r5zi'), 3)).toBeCloseTo(0.3, 9);
    expect(statedPower(chip('stm32u575zi'), 1.8)).toBeCloseTo(0.06435, 9);
    expect(statedPower(chip('stm32u575zi'), 3)).toBeCloseTo(0.06435, 9);
  });
});

describe('a battery', () => {
  const battery = { milliampHours: 230, volts: 3 };
  const own = chip('nrf52840');
  const figures = estimate(running, own) ?? expect.fail('none');

  it('lasts as long as its energy divided by the mean power', () => {
    // 230 mAh x 3 V x 85 % = 586.5 mWh.
    expect(lifeHours(battery, { low: 1, middle: 2, high: 4 })).toEqual({ low: 146.625, middle: 293.25, high: 586.5 });
    expect(lifeHours(battery, { low: 1e-9, middle: 1e-9, high: 1e-9 }).middle).toBe(shelfLifeHours);
  });

  it('gives sleep at rest, active power when busy all the time', () => {
    expect(meanMilliwatts(figures, own, 3, 0).middle).toBeCloseTo(1.5 * 3e-3, 9);
    expect(meanMilliwatts(figures, own, 3, 1e9).middle).toBeCloseTo(figures.milliwatts.middle, 9);
  });

  it('lasts no longer at a higher rate', () => {
    fc.assert(
      fc.property(
        anyChip,
        fc.double({ min: 1e-6, max: 1e4, noNaN: true }),
        fc.double({ min: 1, max: 100, noNaN: true }),
        (any, rate, times) => {
          const given = estimate(running, any) ?? expect.fail(any.id);
          const life = (perSecond: number): number =>
            lifeHours(battery, meanMilliwatts(given, any, 3, perSecond)).middle;
          expect(life(rate * times)).toBeLessThanOrEqual(life(rate) * (1 + 1e-12));
        },
      ),
    );
  });
});
