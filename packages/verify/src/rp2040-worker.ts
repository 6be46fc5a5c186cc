// The worker thread's side of rp2040-pool: runs the jobs it is sent, one after the other.
import { parentPort } from 'node:worker_threads';
import { type MachineJob, runRp2040 } from './rp2040-machine.ts';

parentPort?.on('message', async (job: MachineJob) => {
  parentPort?.postMessage(await runRp2040(job));
});
