// What calibration reads: measured results of MLPerf Tiny (beside the repository), this project's own instructions for the four networks,
// and those counted of TensorFlow Lite Micro (docs/peers.json).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { modelPaths } from './model-paths.mjs';
import { root } from './setup.mjs';

export const networkModels = {
  kws: 'kws_ref_model',
  vww: 'vww_96_int8',
  ic: 'pretrainedResnet_quant',
  ad: 'ad01_int8',
};

const resultsPath = join(
  process.env.ANYMOTE_SHARED ?? join(root, '..', 'shared'),
  'data/mlperf-tiny-results/results.csv',
);

/** Why there is nothing to calibrate with; undefined where all is there. */
export function missingInputs() {
  const paths = modelPaths(Object.values(networkModels));
  const missing = [resultsPath, ...Object.values(networkModels).map((name) => paths[name] ?? name)].filter(
    (path) => !existsSync(path),
  );
  return missing.length === 0 ? undefined : `not found: ${missing.join(', ')}`;
}

/** Observations in the form of the package. `compiler` and `advise` are the packages. */
export function observationsOf(compiler, advise) {
  const rows = parse(readFileSync(resultsPath), { columns: true });
  const peers = JSON.parse(readFileSync(join(root, 'docs/peers.json'), 'utf8'));
  const counts = peers.engines[0].models;
  const paths = modelPaths(Object.values(networkModels));
  const graphs = new Map();
  const works = new Map();
  const workOf = (network, target, whole) => {
    const key = `${network} ${target} ${whole}`;
    if (!works.has(key)) {
      const path = paths[networkModels[network]];
      if (!graphs.has(path)) graphs.set(path, compiler.readModel(new Uint8Array(readFileSync(path))));
      const without = whole ? ['eliminate-channels'] : [];
      const memory = { ramBytes: Number.POSITIVE_INFINITY, flashBytes: Number.POSITIVE_INFINITY };
      const { report } = compiler.compile(graphs.get(path), { target, memory, without });
      works.set(key, report.predicted);
    }
    return works.get(key);
  };
  // Cores with the same instructions execute the same.
  const countedAs = { 'cortex-m33': 'cortex-m4', 'cortex-m7': 'cortex-m4' };
  const counted = (network, target) => counts[networkModels[network]]?.instructions[countedAs[target] ?? target];
  return advise.readObservations(rows, advise.chips, workOf, counted);
}
