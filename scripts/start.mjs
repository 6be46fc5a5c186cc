// `npm start [-- model.tflite …]`: sets everything up, then runs the main job on that model, or on the one that
// comes with anymote. The exit code is that of the job.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const { ok } = await setUp({ optional: false });
if (ok) {
  // npm changes to the repository's folder; paths mean what they meant where the user typed them.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const args = [join(root, 'packages/cli/bin/anymote.js'), 'demo', ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  process.exitCode = 1;
}
