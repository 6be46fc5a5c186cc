// `npm run bench:wasm`: builds the compiler, installs the other WebAssembly runtimes into benchmarks/wasm (nothing of them
// runs at installation), and runs the benchmark there with the given options.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const folder = join(root, 'benchmarks', 'wasm');

async function main(args) {
  if (!(await setUp({ optional: false })).ok) return 1;
  if (!existsSync(join(folder, 'node_modules', 'onnxruntime-web'))) {
    const install = ['ci', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
    const { status } = spawnSync('npm', install, { cwd: folder, stdio: ['ignore', 2, 2] });
    if (status !== 0) return status ?? 1;
  }
  return spawnSync(process.execPath, ['main.mjs', ...args], { cwd: folder, stdio: 'inherit' }).status ?? 1;
}

process.exitCode = await main(process.argv.slice(2));
