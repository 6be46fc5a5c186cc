// `anymote inspect` and `anymote targets`.
import { describe, expect, it } from 'vitest';
import { commandLine, gestures } from '../testing/command-line.ts';

describe('inspect', () => {
  it('shows layers, totals and the arena over time', async () => {
    const { code, stdout } = await commandLine('inspect', gestures);
    expect(code).toBe(0);
    expect(stdout).toMatch(/input +acceleration +i8 \[1, 64, 3\] +0\.015625 × q\n/);
    expect(stdout).toMatch(/^ 3 {2}conv2d +i8 \[1, 32, 1, 32\] +0\.\d+ × \(q \+ 128\) +16,384 +[\d,]+ +[\d,]+$/m);
    expect(stdout).toMatch(/^ +total +45,696 +[\d,]+ +[\d,]+$/m);
    // Two of sixteen channels could go, but loops that take four at a time would gain nothing.
    expect(stdout).toContain('passes: nothing to take out\n');
    expect(stdout).toMatch(/^ +1 +conv2d +[\d,]+ +[█▏▎▍▌▋▊▉]+ +│[A-I·]+│$/m);
    expect(stdout).toMatch(/arena for cortex-m4: [\d,]+ bytes in \d+ blocks, the least possible for these tensors/);
  });

  it('says which loops were chosen, and what the others would take', async () => {
    const { stdout } = await commandLine('inspect', gestures);
    expect(stdout).toContain('loops for cortex-m4, as predicted');
    expect(stdout).toMatch(/^ +3 +conv2d +dsp-dot\S* +[\d,]+ +[\d,]+ +[\d,]+ +plain [\d,]+, [\d,]+ B/m);
    expect(stdout).toMatch(/and \d+ routines? that they call, [\d,]+ bytes/);
    const { stdout: json } = await commandLine('inspect', gestures, '--json');
    const { layers } = JSON.parse(json) as {
      layers: { tactic: string; options: { tactic: string; instructions: number; definitions: object }[] }[];
    };
    for (const { tactic, options } of layers) expect(options.map((option) => option.tactic)).toContain(tactic);
    expect(
      layers.flatMap(({ options }) => options).some(({ definitions }) => Object.keys(definitions).length > 0),
    ).toBe(true);
  });

  it('says whether it fits', async () => {
    const { stdout } = await commandLine('inspect', gestures, '-t', 'cortex-m0plus');
    expect(stdout).toContain('cortex-m0plus has 264.0 KiB of RAM (fits), 2.0 MiB of flash (fits)');
  });

  it('shows what passes took out, and the model itself where they are left out', async () => {
    const { stdout } = await commandLine('inspect', gestures, '-t', 'host');
    expect(stdout).toMatch(/^ 3 {2}conv2d +i8 \[1, 32, 1, 32\] +0\.\d+ × \(q \+ 128\) +14,336 +[\d,]+ +[\d,]+$/m);
    expect(stdout).toMatch(/^ +total +42,368 +[\d,]+ +[\d,]+$/m);
    expect(stdout).toContain('passes took out 3,328 of the model’s 45,696 multiply-accumulates:\n');
    expect(stdout).toMatch(/^ {2}eliminate-channels +4 channels, 104 weights, 3,328 multiply-accumulates /m);
    const whole = (await commandLine('inspect', gestures, '-t', 'host', '--without', 'eliminate-channels')).stdout;
    expect(whole).toMatch(/^ +total +45,696 +[\d,]+ +[\d,]+$/m);
    expect(whole).toContain('passes: nothing to take out\n');
  });

  it('is there as JSON', async () => {
    const { stdout } = await commandLine('inspect', gestures, '-t', 'host', '--json');
    const report: unknown = JSON.parse(stdout);
    expect(report).toMatchObject({
      name: 'gestures',
      target: 'host',
      macs: 42368,
      modelMacs: 45696,
      inputs: [{ name: 'acceleration', dtype: 'i8', shape: [1, 64, 3] }],
      layers: expect.arrayContaining([expect.objectContaining({ op: 'softmax', from: '10 (SOFTMAX)' })]),
      passes: expect.arrayContaining([
        expect.objectContaining({ name: 'eliminate-channels', channels: 4, macs: 3328 }),
      ]),
    });
  });
});

describe('targets', () => {
  it('lists them all, and what verifying on them needs', async () => {
    const { code, stdout } = await commandLine('targets');
    expect(code).toBe(0);
    for (const name of ['cortex-m0plus', 'cortex-m55', 'rv32imc', 'host', 'wasm-scalar']) {
      expect(stdout).toMatch(new RegExp(`^${name} .*(ready|needs [a-z0-9-]+)$`, 'm'));
    }
    const listed: unknown = JSON.parse((await commandLine('targets', '--json')).stdout);
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'wasm', verify: expect.objectContaining({ ok: true }) }),
    );
  });

  it('says how to install what is missing', async () => {
    const path = process.env.PATH;
    try {
      process.env.PATH = '/nonexistent';
      const { stdout } = await commandLine('targets');
      expect(stdout).toMatch(/^host .* needs gcc$/m);
      expect(stdout).toContain('to install what is missing:\n  apt-get install ');
    } finally {
      process.env.PATH = path;
    }
  });
});
