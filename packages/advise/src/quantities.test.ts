// Quantities: what is understood, and what is said of the rest.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBattery, parseQuantity, type QuantityKind } from './quantities.ts';

describe('quantities', () => {
  it.each<[QuantityKind, string, number]>([
    ['latency', '20ms', 20],
    ['latency', '1.5 s', 1500],
    ['latency', '200us', 0.2],
    ['rate', '10/s', 10],
    ['rate', '30/min', 0.5],
    ['rate', '2Hz', 2],
    ['duration', '2y', 17532],
    ['duration', '30d', 720],
    ['money', '5', 5],
    ['money', '$5', 5],
    ['money', '5 USD', 5],
    ['memory', '256K', 262144],
    ['clock', '160MHz', 160],
    ['clock', '1.2GHz', 1200],
  ])('%s %s', (kind, text, value) => {
    expect(parseQuantity(kind, text)).toBeCloseTo(value, 9);
  });

  it.each<[QuantityKind, string, RegExp]>([
    ['latency', '20', /'20' has no unit: a latency is written 20ms/],
    ['latency', '20mhz', /'mhz' is no unit of a latency: units are ms, s.*such as 20ms/],
    ['latency', '-20ms', /below zero/],
    ['latency', '0ms', /nothing/],
    ['latency', 'fast', /'fast' is not a latency: write 20ms/],
    ['rate', '10', /has no unit: a rate is written 10\/s or 4\/min/],
    ['clock', '80', /has no unit.*160MHz/],
    ['latency', '$5', /has no unit/],
    ['memory', '1e400', /beyond all numbers|is not/],
  ])('%s %s is explained', (kind, text, problem) => {
    expect(parseQuantity(kind, text)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it('batteries have a charge and a voltage', () => {
    expect(parseBattery('230mAh@3V')).toEqual({ milliampHours: 230, volts: 3 });
    expect(parseBattery('2.5Ah @ 3.6 V')).toEqual({ milliampHours: 2500, volts: 3.6 });
    expect(parseBattery('230mAh')).toEqual({ problem: expect.stringMatching(/has no voltage.*230mAh@3V/) });
    expect(parseBattery('230@3')).toEqual({ problem: expect.stringMatching(/is no battery.*230mAh@3V/) });
    expect(parseBattery('0mAh@3V')).toEqual({ problem: expect.stringMatching(/more than 0/) });
  });

  it('any text is understood or explained', () => {
    fc.assert(
      fc.property(fc.constantFrom<QuantityKind>('latency', 'rate', 'money', 'memory'), fc.string(), (kind, text) => {
        const value = parseQuantity(kind, text);
        if (typeof value === 'number') expect(value).toBeGreaterThan(0);
        else expect(value.problem).toMatch(/such as|write|written/);
      }),
    );
  });
});
