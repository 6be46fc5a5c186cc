// The plugin's file, and runs cut into layers.
import { describe, expect, it } from 'vitest';
import type { Elf } from '../elf.ts';
import { instructionsOf, parseFlow } from './flow.ts';
import { mixOf } from './instruction-mix.ts';
import { byLayer, codeOf, markedIntervals, markFunction, returnFunction, runInterval } from './layer-flow.ts';

const text = [
  'interval 0',
  '100 3 7 200:6 110:1',
  'interval 200',
  '200 2 5 300:1 200:3 300:1',
  '210 4 1',
  'interval 300',
  '300 6 1 310:1',
  '310 2 1 400:1',
  'interval 400',
  '',
].join('\n');

describe('parseFlow', () => {
  it('reads blocks and where they went', () => {
    const intervals = parseFlow(text);
    expect(intervals.map(({ start, blocks }) => [start, blocks.length])).toEqual([
      [0, 1],
      [0x200, 2],
      [0x300, 2],
      [0x400, 0],
    ]);
    const next = new Map([
      [0x300, 2],
      [0x200, 3],
    ]);
    expect(intervals[1]?.blocks[0]).toEqual({ start: 0x200, instructions: 2, runs: 5, next });
    expect(intervals.map(instructionsOf)).toEqual([21, 14, 8, 0]);
  });

  it.each(['100 3 7', 'interval 0\n100 x 7', 'interval 0\n100 1', 'interval 0\nzz 1 1'])('refuses %j', (broken) =>
    expect(() => parseFlow(broken)).toThrow('internal error'),
  );
});

describe('a profiled run', () => {
  const function_ = (name: string, address: number, bytes = 16) => ({ name, address, bytes });
  const elf: Elf = {
    entry: 0,
    segments: [{ address: 0x200, bytes: Uint8Array.of(0x11, 0x68, 0x88, 0x18, 0, 0xbf, 0, 0xbf, 0x70, 0x47) }],
    sections: [],
    functions: [function_('model_run', 0x200, 256), function_(markFunction, 0x300), function_(returnFunction, 0x400)],
  };
  const flow = { elf, intervals: parseFlow(text) };

  it('is found by its function', () => {
    expect(runInterval(flow, 'model_run').start).toBe(0x200);
    expect(() => runInterval(flow, 'other_run')).toThrow('no function other_run');
    expect(() => runInterval({ elf, intervals: [] }, 'model_run')).toThrow('did not run');
  });

  it('is cut at its marks, whose own code is left out', () => {
    const intervals = markedIntervals(flow, 'model_run');
    expect(intervals.map(instructionsOf)).toEqual([14, 2]);
    expect(intervals[0]?.blocks[0]?.next).toEqual(new Map([[0x200, 3]]));
    expect(() => markedIntervals({ elf, intervals: flow.intervals.slice(0, 3) }, 'model_run')).toThrow('to its end');
  });

  it('is summed up over the outputs of each layer', () => {
    expect(byLayer([1, 2, 3, 4, 5], [1, 2, 0, 1])).toEqual([1, 5, 0, 4]);
  });

  it('has a mix of instructions', () => {
    const blocks = [{ start: 0x200, instructions: 5, runs: 3, next: new Map() }];
    const mix = { loads: 3, stores: 0, multiplies: 0, branches: 3, vectors: 0, others: 9 };
    expect(mixOf([{ start: 0x200, blocks }], codeOf(elf))).toEqual(mix);
    expect(() => codeOf(elf)(0x209)).toThrow('no code at 0x209');
  });
});
