// `npm run calibrate`: fits latency and power to the measured results of MLPerf Tiny, prints how well boards are predicted that were
// left out, and writes packages/advise/src/estimate/calibration.ts and docs/estimates.md. Sets everything up first.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingInputs, observationsOf } from './calibration-inputs.mjs';
import { modelPaths } from './model-paths.mjs';
import { root, setUp } from './setup.mjs';

const usage = `Usage: npm run calibrate -- [options]

  --check   write nothing; fail where what would be written differs
  --help    this text
`;

const distribution = (path) => import(new URL(`../packages/${path}/index.js`, import.meta.url).href);

/** How many times the predicted instructions are executed on a target, over the recorded models. */
function biasOf(compiler) {
  const recorded = JSON.parse(readFileSync(join(root, 'tests/golden/instructions.json'), 'utf8'));
  const paths = modelPaths(Object.keys(recorded.models));
  const graphs = new Map(
    Object.entries(paths).map(([name, path]) => [name, compiler.readModel(new Uint8Array(readFileSync(path)))]),
  );
  const memory = { ramBytes: Number.POSITIVE_INFINITY, flashBytes: Number.POSITIVE_INFINITY };
  return Object.keys(recorded.targets).map((target) => {
    const logs = [...graphs].map(([name, graph]) => {
      const { report } = compiler.compile(graph, { target, memory });
      return Math.log(recorded.models[name].costs[target].instructions / compiler.instructionsOf(report.predicted.mix));
    });
    const mean = logs.reduce((total, value) => total + value, 0) / logs.length;
    const variance = logs.reduce((total, value) => total + (value - mean) ** 2, 0) / (logs.length - 1);
    return [target, { mean, sd: Math.sqrt(variance) }];
  });
}

async function main(args) {
  const [option, ...more] = args;
  if (more.length > 0 || ![undefined, '--check', '--help'].includes(option)) {
    process.stderr.write(`unknown option ${args.join(' ')}\n\n${usage}`);
    return 2;
  }
  if (option === '--help') {
    process.stdout.write(usage);
    return 0;
  }
  if (!(await setUp({ optional: false })).ok) return 1;
  const missing = missingInputs();
  if (missing !== undefined) {
    process.stderr.write(`nothing to calibrate with: ${missing} (ANYMOTE_SHARED says where)\n`);
    return 1;
  }
  const [compiler, advise] = [await distribution('compiler/dist'), await distribution('advise/dist/calibrate')];
  const observations = observationsOf(compiler, advise);
  const calibrated = advise.calibrate(observations, advise.chips, biasOf(compiler));
  const page = advise.estimatesPage(observations, calibrated);
  const written = [
    [join(root, 'packages/advise/src/estimate/calibration.ts'), advise.calibrationText(calibrated)],
    [join(root, 'docs/estimates.md'), page],
  ];
  process.stdout.write(page.slice(page.indexOf('### By board')));
  process.stdout.write(`\n${advise.validationText(calibrated.validation)}`);
  let same = true;
  for (const [path, text] of written) {
    if (option !== '--check') writeFileSync(path, text);
    else if (readFileSync(path, 'utf8') !== text) {
      same = false;
      process.stderr.write(`${path} is not what calibration gives: run npm run calibrate\n`);
    }
  }
  return same ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
