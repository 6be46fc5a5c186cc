// Times runners against each other: all in one process, batch by batch in turn, so that whatever else the machine does falls
// on all alike. What counts is the ratio within a round, and of these the median.

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Milliseconds of a batch: by the clock, and of this process's processor time meanwhile. */
async function batch(runner, count) {
  if (runner.milliseconds !== undefined) return runner.milliseconds(count);
  const before = process.cpuUsage();
  const start = performance.now();
  await runner.run(count);
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 };
}

/** Runs until engines have compiled what they will compile, and finds how many runs fill a batch. */
async function warmUp(runner, { warmUpMs, batchMs }) {
  const until = performance.now() + warmUpMs;
  let count = 1;
  for (;;) {
    const { wall } = await batch(runner, count);
    if (wall < batchMs / 2) count *= 2;
    else if (performance.now() > until) return Math.max(1, Math.round((count * batchMs) / wall));
    // Engines publish compiled code, and report to us, only between tasks.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/**
 * For each runner the median microseconds of one run, by the clock and of processor time; how often the first runner's both
 * are, as the median of the rounds (by the clock with the least and the most); and processor time per time: on an idle
 * machine more than 1 would be more than one thread, on a busy one it says how much of it was had.
 */
export async function compare(runners, { rounds, warmUpMs, batchMs }) {
  const counts = [];
  for (const runner of runners) counts.push(await warmUp(runner, { warmUpMs, batchMs }));
  const clock = runners.map(() => []);
  const processor = runners.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < runners.length; turn += 1) {
      const n = (turn + round) % runners.length;
      const { wall, cpu } = await batch(runners[n], counts[n]);
      clock[n].push((wall / counts[n]) * 1000);
      processor[n].push((cpu / counts[n]) * 1000);
    }
  }
  const ratios = (times, n) => times[n].map((time, round) => time / times[0][round]);
  return runners.map((_, n) => ({
    microseconds: median(clock[n]),
    processorMicroseconds: median(processor[n]),
    ratio: median(ratios(clock, n)),
    least: Math.min(...ratios(clock, n)),
    most: Math.max(...ratios(clock, n)),
    processorRatio: median(ratios(processor, n)),
    threads: median(processor[n].map((time, round) => time / clock[n][round])),
  }));
}
