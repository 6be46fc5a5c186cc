// The arena as a picture: a line a layer, left to right the addresses, each block of memory a letter while it lives.
import type { Plan } from '@anymote/compiler';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const free = '·';

/** The letter of a block by its position in the plan; they repeat where there are more blocks than letters. */
export const letterOf = (block: number): string => letters[block % letters.length] ?? '?';

/** One text of `width` cells for each layer. A cell shows the block that holds most of its bytes. */
export function arenaMap({ blocks, arenaBytes, liveBytes }: Plan, width: number): readonly string[] {
  if (arenaBytes === 0) return liveBytes.map(() => free.repeat(width));
  const cellBytes = arenaBytes / width;
  return liveBytes.map((_, layer) => {
    const cells = Array.from({ length: width }, (_cell, at) => {
      const start = at * cellBytes;
      let most = cellBytes / 1e6;
      let letter = free;
      blocks.forEach((block, i) => {
        if (layer < block.from || layer > block.to) return;
        const held = Math.min(start + cellBytes, block.offset + block.bytes) - Math.max(start, block.offset);
        if (held > most) {
          most = held;
          letter = letterOf(i);
        }
      });
      return letter;
    });
    return cells.join('');
  });
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of a value between 0 and `most`, in eighths of a cell. */
export function bar(value: number, most: number, width: number): string {
  const steps = most === 0 ? 0 : Math.round((value / most) * width * 8);
  return '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '');
}
