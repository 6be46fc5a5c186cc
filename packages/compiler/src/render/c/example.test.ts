import { describe, expect, it } from 'vitest';
import type { Program } from '../program.ts';
import { renderMain } from './example.ts';

const output = { name: 'y', type: { dtype: 'f32', shape: [4] }, offset: 0, bytes: 16 } as const;
const program: Program = {
  prefix: 'tiny',
  title: 'tiny',
  steps: [],
  arenaBytes: 32,
  alignment: 8,
  inputs: [{ ...output, name: 'x', offset: 16 }],
  outputs: [output],
  states: [],
  macs: 0,
};

describe('the example', () => {
  it('reads inputs from files', () => {
    const text = renderMain(program);
    expect(text).toContain('static const unsigned long bytes[] = { TINY_INPUT_0_BYTES };');
    expect(text).toContain('fopen(argv[i + 1], "rb")');
  });

  it('of a model without inputs takes no files, and gives no compiler reason to warn', () => {
    const text = renderMain({ ...program, inputs: [] });
    expect(text).toContain('(void)argc;');
    expect(text).not.toMatch(/fopen|string\.h|bytes\[\]/);
  });
});
