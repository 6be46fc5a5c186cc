// `anymote chips`, `anymote estimate` and `anymote fit` as a user runs them.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheIn, commandLine, gestures, temporaryFolder } from '../testing/command-line.ts';

const folder = temporaryFolder();
let forget = (): void => undefined;
beforeAll(() => {
  forget = cacheIn(folder.path('cache'));
});
afterAll(() => {
  forget();
  folder.remove();
});

describe('anymote chips', () => {
  it('lists chips by core and memory', async () => {
    const { code, stdout } = await commandLine('chips', '--core', 'cortex-m33', '--min-ram', '512K');
    expect(code).toBe(0);
    expect(stdout).toMatch(/stm32u575zi +cortex-m33 +160 MHz +2M +786K .*verified/);
    expect(stdout).not.toMatch(/nrf54l15/);
    expect(stdout).toMatch(/\d+ chips\. verified: /);
  });

  it('shows one with what each figure rests on', async () => {
    const { stdout } = await commandLine('chips', 'efr32mg24b310f1536');
    expect(stdout).toMatch(/accelerator +MVP matrix-vector processor; not used/);
    expect(stdout).toMatch(/clock +78 MHz +read/);
    expect(stdout).toMatch(/price .*2025 +recalled/);
  });

  it('gives everything as JSON, boards too', async () => {
    const { stdout } = await commandLine('chips', '--json', '--radio', 'wifi');
    const parsed: unknown = JSON.parse(stdout);
    expect(parsed).toContainEqual(expect.objectContaining({ id: 'esp32c3', radios: expect.arrayContaining(['wifi']) }));
    const boards: unknown = JSON.parse((await commandLine('chips', '--boards', '--json')).stdout);
    expect(boards).toContainEqual(expect.objectContaining({ id: 'raspberry-pi-pico', chip: 'rp2040' }));
  });

  it('names the nearest where there is no such chip, and what is wrong with a file', async () => {
    expect(await commandLine('chips', 'stm32u58x')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unknown chip 'stm32u58x'; did you mean stm32u585ai\?/),
    });
    expect(await commandLine('chips', 'stm32f4')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/begins several names: stm32f4/),
    });
    expect(await commandLine('chips', '--core', 'cortex-m99')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unknown 'cortex-m99' \(known: cortex-m0, /),
    });
    const own = folder.path('mine.yaml');
    writeFileSync(own, '- id: mine\n  clockMegahertz: fast\n');
    expect(await commandLine('chips', '--chips', own)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/mine\.yaml: entry mine: clockMegahertz: /),
    });
    writeFileSync(own, 'a: [');
    expect((await commandLine('chips', '--chips', own)).stderr).toMatch(/neither JSON nor YAML/);
  });
});

describe('anymote estimate', () => {
  it('says latency and energy with intervals and what they rest on', async () => {
    const { code, stdout } = await commandLine(
      'estimate',
      gestures,
      '--chip',
      'stm32l4r5zi',
      '--rate',
      '10/s',
      '--battery',
      '230mAh@3V',
    );
    expect(code).toBe(0);
    for (const line of [
      /latency +[\d.]+ (ms|µs) +.* to /,
      /energy, one inference/,
      /battery lasts/,
      /cycles: measured networks on the STM32L4R5ZI/,
    ])
      expect(stdout).toMatch(line);
  });

  it('takes longer at a lower clock, but not in proportion', async () => {
    const latency = async (...more: readonly string[]): Promise<number> => {
      const { stdout } = await commandLine('estimate', gestures, '--chip', 'stm32l4r5zi', '--json', ...more);
      const { latencyMs }: { latencyMs: { middle: number } } = JSON.parse(stdout);
      return latencyMs.middle;
    };
    const [full, half] = [await latency(), await latency('--clock', '60MHz')];
    expect(half).toBeGreaterThan(full * 1.5);
    expect(half).toBeLessThan(full * 2);
  });

  it('refuses what cannot be', async () => {
    const refused = async (...argv: readonly string[]): Promise<string> => {
      const { code, stderr } = await commandLine('estimate', gestures, ...argv);
      expect(code).toBeGreaterThan(0);
      return stderr;
    };
    expect(await refused('--chip', 'stm32l4r5zi', '--clock', '500MHz')).toMatch(/has at most 120 MHz/);
    expect(await refused('--chip', 'stm32l4r5zi', '--clock', '80')).toMatch(
      /'80' has no unit: a clock is written 160MHz/,
    );
    expect(await refused('--chip', 'stm32l4r5zi', '--battery', '230mAh@3V')).toMatch(/needs --rate/);
    expect(await refused('--chip', 'atmega328p')).toMatch(/an 8-bit core/);
  });
});

describe('anymote fit', () => {
  it('ranks what fits with margins, names what rules the others out, and keeps what it compiled', async () => {
    const argv = ['fit', gestures, '--latency', '5ms', '--max-price', '9', '--needs', 'ble'];
    const first = await commandLine(...argv);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/● nrf\w+ .*\$3–8/);
    expect(first.stdout).toMatch(/ruled out, the nearest first \(\d+ more: --all\)/);
    expect(folder.files().filter((name) => /needs-.*\.json$/.test(name))).toHaveLength(1);
    expect(await commandLine(...argv)).toEqual(first);
  });

  it('fails where nothing fits, and says what would', async () => {
    const { code, stdout, stderr } = await commandLine('fit', gestures, '--latency', '1us');
    expect(code).toBe(1);
    expect(stdout).toMatch(/no chip fits[\s\S]*takes .* 1 µs are allowed +→ allow /);
    expect(stderr).toMatch(/no chip fits; the nearest are listed/);
  });

  it('marks lives that rest on a typical sleep current', async () => {
    const { stdout } = await commandLine('fit', gestures, '--rate', '1/min', '--battery', '230mAh@3V');
    // The nRF52840 has a figure, the nRF54L15 none.
    expect(stdout).toMatch(/nrf52840 .* [µm]J +\d[\d.]* (days|years) /);
    expect(stdout).toMatch(/nrf54l15 .* [µm]J +~\d[\d.]* (days|years) /);
    const { stdout: one } = await commandLine('estimate', gestures, '--chip', 'nrf54l15', '--rate', '1/min');
    expect(one).toMatch(/asleep: no figure, typical of all chips/);
  });

  it('gives chips, options and checks as JSON', async () => {
    const { stdout } = await commandLine(
      'fit',
      gestures,
      '--rate',
      '1/s',
      '--battery',
      '230mAh@3V',
      '--life',
      '30d',
      '--json',
    );
    const parsed: unknown = JSON.parse(stdout);
    expect(parsed).toMatchObject({
      demands: { ratePerSecond: 1, lifeHours: 720 },
      fits: expect.arrayContaining([
        expect.objectContaining({
          certain: true,
          checks: expect.arrayContaining([expect.objectContaining({ demand: 'life' })]),
        }),
      ]),
    });
  });

  it('explains units and demands that need each other', async () => {
    const complaint = async (...argv: readonly string[]): Promise<string> => {
      const { code, stderr } = await commandLine('fit', gestures, ...argv);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await complaint('--latency', '20')).toMatch(/--latency: '20' has no unit: a latency is written 20ms/);
    expect(await complaint('--battery', '230mAh')).toMatch(/--battery: '230mAh' has no voltage/);
    expect(await complaint('--life', '1y')).toMatch(/a life is demanded and no battery given/);
    expect(await complaint('--needs', 'zigbee')).toMatch(/unknown radio 'zigbee' \(radios: ble, /);
  });
});
