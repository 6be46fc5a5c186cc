// The worker pool, with a worker that stands in for the emulator.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { createWorkerPool } from './rp2040-pool.ts';
import { openWorkspace } from './workspace.ts';

// A stand-in for the emulator: ends with its thread and the job's size, or throws.
const workspace = openWorkspace();
afterAll(() => workspace.close());
const file = join(workspace.directory, 'worker.mjs');
writeFileSync(
  file,
  `import { parentPort, threadId } from 'node:worker_threads';
   parentPort.on('message', (job) => {
     if (job.timeoutMs === 0) throw new Error('broken worker');
     parentPort.postMessage({ kind: 'fault', pc: job.request.length, detail: String(threadId) });
   });`,
);
const job = (bytes: number, timeoutMs = 1) => ({ segments: [], request: new Uint8Array(bytes), timeoutMs });

it('gives each job its end, on few threads', async () => {
  const run = createWorkerPool(pathToFileURL(file), 2);
  const ends = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((bytes) => run(job(bytes))));
  expect(ends.map((end) => end.kind === 'fault' && end.pc)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  const threads = new Set(ends.map((end) => end.kind === 'fault' && end.detail));
  expect(threads.size).toBeLessThanOrEqual(2);
});

it('replaces a worker that breaks', async () => {
  const run = createWorkerPool(pathToFileURL(file), 1);
  const [broken, next] = await Promise.allSettled([run(job(1, 0)), run(job(2))]);
  expect(broken).toMatchObject({ status: 'rejected', reason: { message: 'broken worker' } });
  expect(next).toMatchObject({ status: 'fulfilled', value: { pc: 2 } });
});
