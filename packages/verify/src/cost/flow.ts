// What the plugin recorded: for each interval of a run the blocks of straight code in it, how often each ran, and what
// ran after it.

export interface Block {
  /** Address of the first instruction. */
  readonly start: number;
  readonly instructions: number;
  readonly runs: number;
  /** Where execution went from the block's end: address of the next block → times. */
  readonly next: ReadonlyMap<number, number>;
}

/** From an address at which the plugin was told to start one, to the next such; the first is from the reset. */
export interface Interval {
  readonly start: number;
  readonly blocks: readonly Block[];
}

/** Reads the plugin's file; plugin/flow.c says how it looks. @throws on anything else, since only the plugin writes it */
export function parseFlow(text: string): readonly Interval[] {
  const intervals: { start: number; blocks: Block[] }[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [head = '', ...rest] = line.split(' ');
    const current = intervals.at(-1);
    if (head === 'interval') {
      intervals.push({ start: Number.parseInt(rest[0] ?? '', 16), blocks: [] });
    } else if (current === undefined) {
      throw new Error(`internal error: a recorded flow starts with '${line}'`);
    } else {
      const [instructions, runs, ...edges] = rest;
      const next = new Map<number, number>();
      for (const edge of edges) {
        const [to = '', times = ''] = edge.split(':');
        const address = Number.parseInt(to, 16);
        next.set(address, (next.get(address) ?? 0) + Number(times));
      }
      const block = {
        start: Number.parseInt(head, 16),
        instructions: Number(instructions),
        runs: Number(runs),
        next,
      };
      if (![block.start, block.instructions, block.runs, ...next.values()].every(Number.isSafeInteger))
        throw new Error(`internal error: not a recorded block: '${line}'`);
      current.blocks.push(block);
    }
  }
  return intervals;
}

/** Instructions that ran in an interval. */
export const instructionsOf = ({ blocks }: Interval): number =>
  blocks.reduce((total, { instructions, runs }) => total + instructions * runs, 0);
