// Where the models of the benchmarks are: the repository's own, and those of the golden file beside the repository
// (../shared) or in $ANYMOTE_SHARED.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** Paths of the models that are here, by name. */
export function modelPaths(names) {
  const paths = { gestures: join(root, 'tests/models/gestures/gestures.tflite') };
  const models = join(process.env.ANYMOTE_SHARED ?? join(root, '..', 'shared'), 'models');
  const golden = join(models, 'golden-tflm.json');
  if (!existsSync(golden)) {
    process.stderr.write(`${golden} is not here: only gestures is measured (set ANYMOTE_SHARED for the others)\n`);
    return paths;
  }
  for (const [name, { file }] of Object.entries(JSON.parse(readFileSync(golden, 'utf8')).models))
    if (names.includes(name)) paths[name] = join(models, file);
  return paths;
}
