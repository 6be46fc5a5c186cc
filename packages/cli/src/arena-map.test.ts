// The picture of an arena.
import type { Plan } from '@anymote/compiler';
import { expect, it } from 'vitest';
import { arenaMap, bar } from './arena-map.ts';

const plan: Plan = {
  arenaBytes: 100,
  lowerBoundBytes: 100,
  offsets: new Map(),
  scratchOffsets: new Map(),
  free: new Set(),
  proven: true,
  blocks: [
    { values: [0], offset: 60, bytes: 40, from: 0, to: 1 },
    { values: [1], offset: 0, bytes: 60, from: 1, to: 2 },
    { values: [2], offset: 60, bytes: 10, from: 2, to: 3 },
  ],
  liveBytes: [40, 100, 70],
};

it('shows who lives where at what time', () => {
  expect(arenaMap(plan, 10)).toEqual(['······AAAA', 'BBBBBBAAAA', 'BBBBBBC···']);
  expect(arenaMap({ ...plan, arenaBytes: 0, blocks: [] }, 3)).toEqual(['···', '···', '···']);
});

it('draws bars in eighths', () => {
  expect([0, 50, 100, 55].map((value) => bar(value, 100, 10))).toEqual(['', '█████', '██████████', '█████▌']);
  expect(bar(0, 0, 10)).toBe('');
});
