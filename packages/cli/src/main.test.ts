// Usage: help, version, mistakes, and the exit codes.
import { readFileSync } from 'node:fs';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { run } from './main.ts';
import { commandLine } from './testing/command-line.ts';

const commands = ['compile', 'run', 'verify', 'bench', 'inspect', 'targets', 'demo'];

describe('anymote', () => {
  it('tells its version', async () => {
    const { version }: { version: string } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    );
    expect(await commandLine('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('has help with examples', async () => {
    const { code, stdout } = await commandLine('--help');
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });

  it.each(commands)('%s has help with examples', async (command) => {
    const { code, stdout, stderr } = await commandLine(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: anymote ${command}`);
    expect(stdout).toContain(`  anymote ${command}`);
    expect(stdout).toContain('Examples:');
    expect(stderr).toBe('');
  });

  it('shows help when nothing is asked', async () => {
    const { code, stderr } = await commandLine();
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: anymote');
  });

  it.each([
    [['compil', 'x.tflite'], 'Did you mean compile?'],
    [['verify', 'x.tflite', '--targt', 'wasm'], 'Did you mean --target?'],
    [['compile', 'x.tflite', '--out', 'o'], "required option '-t, --target <names>' not specified"],
    [['run'], "missing required argument 'model'"],
    [['compile', 'x.tflite', '-t', 'wasm', '-o', 'o', '--ram', 'much'], "'much' is no amount of memory"],
    [['compile', 'x.tflite', '-t', 'cortex-m44', '-o', 'o'], 'did you mean cortex-m4?'],
    [['verify', 'x.tflite', '-t', 'xtensa'], "unknown target 'xtensa' (targets: cortex-m0plus, "],
    [['verify', 'x.tflite', '--inputs', 'few'], '--inputs few: expected a number'],
    [['run', 'x.tflite', '--top', '0'], '--top 0: expected a number'],
    [['inspect', 'x.tflite', '-t', 'wasm,host'], 'one target'],
    [['bench', 'x.tflite', '-t', 'wasm,host'], 'one target'],
    [['bench', 'x.tflite', '--optimize', 'fast'], 'expected speed, balanced or size'],
  ])('refuses %j as wrong usage', async (argv, message) => {
    const { code, stdout, stderr } = await commandLine(...argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('a mistake in anymote', () => {
  const failing = async (...argv: readonly string[]) => {
    let stderr = '';
    const colours = picocolors.createColors(false);
    const code = await run(argv, {
      write: () => {
        throw new Error('no paper');
      },
      writeError: (text) => {
        stderr += text;
      },
      colours,
      errorColours: colours,
      interactive: false,
      columns: 80,
    });
    return { code, stderr };
  };

  it('is a message, and with --debug the place as well', async () => {
    const expected = 'error: no paper\nthis is a mistake in anymote; --debug shows where\n';
    expect(await failing('targets', '--json')).toEqual({ code: 1, stderr: expected });
    const { code, stderr } = await failing('targets', '--json', '--debug');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: no paper\nError: no paper\n\s+at /);
  });
});
