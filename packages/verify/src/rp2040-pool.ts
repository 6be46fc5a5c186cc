// Runs RP2040 programs in worker threads, which stay for the next program: compiled once, the emulator's code is fast.
// Run from the TypeScript sources, where no worker can be loaded, programs run in the calling thread.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type MachineEnd, type MachineJob, runRp2040 } from './rp2040-machine.ts';

export type RunMachine = (job: MachineJob) => Promise<MachineEnd>;

interface Waiting {
  readonly job: MachineJob;
  readonly resolve: (end: MachineEnd) => void;
  readonly reject: (error: unknown) => void;
}

/** A pool of `size` workers loaded from a compiled module. Idle workers do not keep the process alive. */
export function createWorkerPool(module: URL, size = availableParallelism()): RunMachine {
  const idle: Worker[] = [];
  const waiting: Waiting[] = [];
  let started = 0;

  const work = (worker: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) {
      idle.push(worker);
      return;
    }
    worker.ref();
    const done = (): void => {
      worker.off('message', onEnd).off('error', onError);
      worker.unref();
    };
    const onEnd = (end: MachineEnd): void => {
      done();
      next.resolve(end);
      work(worker);
    };
    // A worker that threw is gone.
    const onError = (error: unknown): void => {
      done();
      started--;
      next.reject(error);
      if (waiting.length > 0) start();
    };
    worker.on('message', onEnd).on('error', onError);
    worker.postMessage(next.job);
  };
  const start = (): void => {
    started++;
    work(new Worker(module));
  };

  return (job) =>
    new Promise((resolve, reject) => {
      waiting.push({ job, resolve, reject });
      const worker = idle.pop();
      if (worker !== undefined) work(worker);
      else if (started < size) start();
    });
}

/** Workers where they can be loaded. */
export function createMachinePool(): RunMachine {
  return import.meta.url.endsWith('.ts') ? runRp2040 : createWorkerPool(new URL('./rp2040-worker.js', import.meta.url));
}
