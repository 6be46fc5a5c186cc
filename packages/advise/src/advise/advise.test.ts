// Advice: costs that can be checked by hand, the four kinds of cases, contradictions, and what must hold for all answers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdviceError } from '../advice-error.ts';
import { chips } from '../chips/catalogue/index.ts';
import { madeUpNeeds } from '../testing/needs.ts';
import { type Advice, advise } from './advise.ts';
import { learningNames, networkNames, readAnswers, type WrittenAnswers } from './answers.ts';
import { breakEvenMonths, costsOf, costsUntil, hostingLines, serversFor } from './costs.ts';
import { prices, readPrices } from './prices.ts';
import { flipsOf } from './sensitivity.ts';
import { percentile, shareWithin, simulateLatency } from './simulate-latency.ts';
import { waysFor } from './ways.ts';

const usual: WrittenAnswers = { devices: 100, months: 36, rate: '1/min', latency: '500ms', network: 'wifi' };
const adviceOf = (answers: Partial<WrittenAnswers>): Advice => advise({ ...usual, ...answers, model: madeUpNeeds() });
const wayOf = (advice: Advice, name: string) => advice.ways.find((way) => way.name === name) ?? expect.fail(name);

const complaintsOf = (answers: object): readonly string[] => {
  try {
    readAnswers({ ...usual, ...answers }, 'project.yaml');
    return [];
  } catch (error) {
    if (error instanceof AdviceError) return error.issues;
    throw error;
  }
};

describe('hosting', () => {
  it('of one GPU instance at 3 dollars an hour leads to about 3,000 dollars a month', () => {
    // 3 x 730 h, a terabyte kept, four terabytes of answers, support.
    const lines = hostingLines({ kind: 'gpuServer', servers: 1, storedGigabytes: 1000, egressGigabytes: 4000 }, prices);
    expect(lines).toEqual([
      { what: '1 GPU instance by the hour', usd: 2190 },
      { what: 'storage', usd: 100 },
      { what: 'egress', usd: 360 },
      { what: 'support and monitoring', usd: 265 },
    ]);
    expect(lines.reduce((total, { usd }) => total + usd, 0)).toBeCloseTo(2915, 6);
  });

  it('takes as many servers as the load needs, at least one', () => {
    // 2e10 multiply-accumulates a second, 40 % of it used: 8e9.
    expect(serversFor('cpuServer', 1e6, 1, prices)).toBe(1);
    expect(serversFor('cpuServer', 1e6, 8000, prices)).toBe(1);
    expect(serversFor('cpuServer', 1e6, 8001, prices)).toBe(2);
  });
});

describe('costs', () => {
  it('add up, and meet where they meet', () => {
    const own = costsOf([{ what: 'chips', usd: 1000 }], [{ what: 'data', usd: 10 }], 24);
    const other = costsOf(
      [
        { what: 'radios', usd: 100 },
        { what: 'nothing', usd: 0 },
      ],
      [{ what: 'servers', usd: 100 }],
      24,
    );
    expect(own.totalUsd).toBe(1240);
    expect(other.once).toHaveLength(1);
    expect(breakEvenMonths(own, other)).toBe(10);
    expect(costsUntil(own, 10)).toBe(costsUntil(other, 10));
    expect(breakEvenMonths(own, own)).toBeUndefined();
  });
});

describe('simulated latency', () => {
  const route = {
    computeMs: 10,
    computeJitter: 0.1,
    roundTripMs: 60,
    roundTripJitter: 0.4,
    transferMs: 5,
    availability: 0.99,
    outageMinutes: 15,
  };

  it('is the same every time, and has the percentiles of its parts', () => {
    const cases = simulateLatency(route, 20_000);
    expect(simulateLatency(route, 20_000)).toEqual(cases);
    // The median of the sum is near the sum of the medians; one answer in a hundred waits for the network.
    expect(percentile(cases, 0.5)).toBeGreaterThan(70);
    expect(percentile(cases, 0.5)).toBeLessThan(82);
    expect(shareWithin(cases, 1000)).toBeCloseTo(0.99, 2);
    expect(percentile(cases, 0.9999)).toBeGreaterThan(60_000);
  });

  it('without a network is the computing alone', () => {
    const cases = simulateLatency({ computeMs: 10, computeJitter: 0 }, 100);
    expect(cases[0]).toBe(10);
    expect(cases.at(-1)).toBe(10);
  });
});

describe('advice', () => {
  it('is the device without a network, and says why', () => {
    const advice = adviceOf({ network: 'none' });
    expect(advice.recommended).toBe('device');
    expect(wayOf(advice, 'data centre').obstacles).toEqual(['there is no network']);
    expect(wayOf(advice, 'device').leavesBytesPerDay).toBe(0);
  });

  it('is the data centre where the model keeps learning', () => {
    const advice = adviceOf({ network: 'wired', learning: 'continual', anySize: true });
    expect(advice.recommended).toBe('data centre');
    expect(wayOf(advice, 'device').obstacles.join(' ')).toMatch(/keep learning.*any size/);
    expect(advice.flips.filter(({ answer }) => answer === 'learning')).toEqual([]);
  });

  it('is nothing where answers leave no way, and names every obstacle', () => {
    const advice = adviceOf({ network: 'wifi', learning: 'continual', dataMustStay: true });
    expect(advice.recommended).toBeUndefined();
    expect(advice.reasons[0]).toBe('No way meets all answers.');
    expect(advice.ways.every(({ obstacles }) => obstacles.length > 0)).toBe(true);
    expect(advice.flips.some(({ answer, advised }) => answer === 'dataMustStay' && advised === 'data centre')).toBe(
      true,
    );
  });

  it('keeps data that must stay out of the data centre', () => {
    expect(wayOf(adviceOf({ dataMustStay: true }), 'data centre').obstacles).toContain(
      'the data must stay where it arises',
    );
  });

  it('rules out what is too slow, too dear, or empties the battery', () => {
    expect(wayOf(adviceOf({ network: 'satellite' }), 'data centre').obstacles.join()).toMatch(
      /of answers come within 500 ms/,
    );
    expect(wayOf(adviceOf({ budget: '100' }), 'device').obstacles.join()).toMatch(/the budget is \$100/);
    const battery = { battery: '230mAh@3V', life: '5y', rate: '10/s' };
    expect(wayOf(adviceOf(battery), 'data centre').obstacles.join()).toMatch(/a battery lasts .*, 5 years are needed/);
    expect(wayOf(adviceOf(battery), 'device').obstacles.join()).toMatch(/no chip carries it; the nearest, /);
  });

  it('says which answer flips it, and that answer does', () => {
    const answers = readAnswers({ ...usual, network: 'wired', learning: 'never', rate: '1/s' }, 'x');
    const needs = madeUpNeeds();
    const choose = (variant: typeof answers) => {
      const ways = waysFor(variant, needs, { chips, prices, cases: 500 }).filter(
        ({ obstacles }) => obstacles.length === 0,
      );
      return ways.sort((a, b) => a.costs.totalUsd - b.costs.totalUsd)[0]?.name;
    };
    const flips = flipsOf(answers, choose);
    expect(flips.length).toBeGreaterThan(2);
    for (const { advised } of flips) expect(advised).not.toBe(choose(answers));
    expect(flips.find(({ answer, to }) => answer === 'learning' && to === 'continual')?.advised).toBe('data centre');
  });
});

describe('answers', () => {
  it.each<[object, RegExp]>([
    [{ network: 'none', collectData: true }, /network: none and collectData: true/],
    [{ network: 'none', learning: 'daily' }, /network: none and learning: daily/],
    [{ dataMustStay: true, collectData: true }, /dataMustStay: true and collectData: true/],
    [{ mains: true, battery: '1Ah@3V' }, /mains: true and battery/],
    [{ life: '1y' }, /life and no battery/],
    [{ sites: 200 }, /sites: 200 and devices: 100/],
    [{ rate: '1000/s', latency: '10s' }, /rate: 1,000\/s and latency: 10 s/],
  ])('%j contradict each other', (answers, problem) => {
    expect(complaintsOf(answers)).toEqual([expect.stringMatching(problem)]);
    expect(complaintsOf(answers)[0]).toMatch(/^project\.yaml: /);
  });

  it('of any shape are read or explained', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('devices', 'rate', 'network', 'battery', 'budget'), (value, name) => {
        for (const issue of complaintsOf({ [name]: value })) expect(issue).toMatch(/^project\.yaml: /);
        expect(() => readAnswers(value, 'x')).toThrow(AdviceError);
        try {
          readPrices(value, 'prices.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(AdviceError);
        }
      }),
    );
  });

  it('are all named where they are wrong', () => {
    const found = complaintsOf({ devices: -1, rate: '10', network: 'smoke', colour: 'red' });
    expect(found).toContainEqual(expect.stringMatching(/^project\.yaml: devices: /));
    expect(found).toContainEqual("project.yaml: rate: '10' has no unit: a rate is written 10/s or 4/min");
    expect(found).toContainEqual(expect.stringMatching(/^project\.yaml: network: .*satellite/));
    expect(found).toContainEqual('project.yaml: unknown field colour');
  });
});

describe('prices', () => {
  it('are replaced entry by entry', () => {
    const own = readPrices({ gpuServer: { usdPerHour: 5 }, asOf: '2027-01' }, 'prices.yaml');
    expect(own.gpuServer).toEqual({ ...prices.gpuServer, usdPerHour: 5 });
    expect(own.networks).toEqual(prices.networks);
  });

  it('name the entry that is wrong', () => {
    expect(() => readPrices({ gpuServer: { usdPerHour: -5 } }, 'prices.yaml')).toThrow(
      /^prices\.yaml: gpuServer\.usdPerHour: /,
    );
    expect(() => readPrices({ tea: 2 }, 'prices.yaml')).toThrow(/unknown field tea/);
  });
});

describe('for all answers', () => {
  const answers = fc
    .record({
      devices: fc.integer({ min: 1, max: 1_000_000 }),
      months: fc.integer({ min: 1, max: 240 }),
      rate: fc.double({ min: 1e-5, max: 1000, noNaN: true }).map((rate) => `${rate}/s`),
      latency: fc.double({ min: 0.01, max: 100_000, noNaN: true }).map((ms) => `${ms}ms`),
      network: fc.constantFrom(...networkNames),
      learning: fc.constantFrom(...learningNames),
      battery: fc.constantFrom(undefined, '230mAh@3V', '19Ah@3.6V'),
      collectData: fc.boolean(),
      anySize: fc.boolean(),
      reported: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ battery, ...rest }) => ({ ...rest, ...(battery === undefined ? {} : { battery }) }))
    .filter((own) => complaintsOf(own).length === 0)
    .map((own) => readAnswers({ ...usual, ...own }, 'any'));
  const options = { chips, prices, cases: 50 };
  const needs = madeUpNeeds();

  it('no figure is below zero or none at all', () => {
    fc.assert(
      fc.property(answers, (own) => {
        for (const way of waysFor(own, needs, options)) {
          const figures = [
            way.inTime,
            way.leavesBytesPerDay,
            way.kilowattHoursPerMonth,
            way.costs.totalUsd,
            way.lifeHours ?? 0,
            ...Object.values(way.latency ?? {}),
            ...(way.distribution ?? []),
            ...[...way.costs.once, ...way.costs.monthly].map(({ usd }) => usd),
          ];
          for (const figure of figures) {
            expect(Number.isFinite(figure), JSON.stringify(way)).toBe(true);
            expect(figure).toBeGreaterThanOrEqual(0);
          }
          expect(way.inTime).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('an uplink is not chosen without the batteries it empties', () => {
    // By subscriptions alone a hub pays from 78 months on, by batteries from the first.
    const own = { ...usual, devices: 2, network: 'lpwan', battery: '230mAh@3V', rate: '1/min', reported: 1 } as const;
    const costs = (months: number): readonly number[] =>
      waysFor(readAnswers({ ...own, months }, 'x'), needs, options).map((way) => way.costs.totalUsd);
    const [early, late] = [costs(60), costs(120)];
    for (const [i, usd] of early.entries()) expect(late[i]).toBeGreaterThanOrEqual(usd);
  });

  it('costs grow with devices and months', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 20 }), (own, times) => {
        const costs = (variant: typeof own): readonly number[] =>
          waysFor(variant, needs, options).map(({ costs: { totalUsd } }) => totalUsd);
        const before = costs(own);
        const more = costs({ ...own, devices: own.devices * times });
        const longer = costs({ ...own, months: own.months * times });
        for (const [i, usd] of before.entries()) {
          expect(more[i]).toBeGreaterThanOrEqual(usd * (1 - 1e-12));
          expect(longer[i]).toBeGreaterThanOrEqual(usd * (1 - 1e-12));
        }
      }),
      { numRuns: 150 },
    );
  });
});
