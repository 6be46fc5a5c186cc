// `npm run bench:trees`: forests on emulated cores, the average of 100 rows of digits, every class compared with scikit-learn's or
// XGBoost's; written to docs/benchmarks-trees.md beside what other generators need. Sets everything up first.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const targets = ['cortex-m4', 'cortex-m0plus'];

/** What is built: a model, its features, the goal, and tactics to leave out. */
const builds = [
  { file: 'sk_rf10_digits', features: 'float', optimize: 'speed' },
  { file: 'sk_rf10_digits', features: 'i16', optimize: 'speed' },
  { file: 'sk_rf10_digits', features: 'float', optimize: 'size' },
  { file: 'sk_rf10_digits', features: 'i16', optimize: 'size' },
  { file: 'sk_rf100_digits', features: 'float', optimize: 'speed' },
  { file: 'sk_rf100_digits', features: 'i16', optimize: 'speed' },
  { file: 'sk_rf100_digits', features: 'i16', optimize: 'size' },
  { file: 'xgb_digits_softprob', features: 'float', optimize: 'speed' },
  {
    file: 'xgb_digits_softprob',
    features: 'float',
    optimize: 'speed',
    without: ['tree-branches', 'tree-branches-indexed', 'tree-keys-indexed'],
  },
  { file: 'xgb_digits_softprob', features: 'i16', optimize: 'speed' },
];

/** Figures of others, from runs of their generated code for the same rows; classes: of 100 rows, those that equal the library's. */
const others = [
  ['emlearn, inline int16, hard voting', '432', '547', '12,284', '3,192', '4,302', '119,548', '91, 97'],
  ['emlearn, inline float, hard voting', '556', '3,208', '21,988', '4,463', '30,871', '217,180', '99, 99'],
  ['emlearn, inline float, soft voting', '980', '22,524', '26,652', '9,175', '221,940', '263,748', '98, 100'],
  ['emlearn, loadable int16', '1,313', '4,656', '9,368', '9,755', '22,384', '86,536', '91, 97'],
  ['onnx2c, TreeEnsembleClassifier', '624', '4,569', '67,120', '3,647', '41,793', '331,772', '100, 100'],
  ['m2cgen, double', '8,887', '18,000', '78,300', '86,875', '170,078', '856,196', '100, 100'],
];

const count = (value) => Math.round(value).toLocaleString('en');

async function main() {
  const ready = await setUp({ optional: true });
  if (!ready.ok) return 1;
  const { adaptModel, readModel } = await import('@anymote/compiler');
  const { verifyModel } = await import('@anymote/verify');
  const folder = join(process.env.ANYMOTE_SHARED ?? join(root, '..', 'shared'), 'models', 'trees');
  const rows = JSON.parse(readFileSync(join(folder, 'sk_rf10_digits.json'), 'utf8')).test.X;
  const lines = [];
  for (const { file, features, optimize, without = [] } of builds) {
    const model = readModel(new Uint8Array(readFileSync(join(folder, `${file}.json`))), { file });
    const outputs = [file.startsWith('xgb') ? 'label' : 'predict'];
    const graph = adaptModel(model, { outputs, ...(features === 'float' ? {} : { features }) });
    const Type = features === 'float' ? Float32Array : Int16Array;
    const samples = rows.map((row, i) => ({ name: `row ${i}`, inputs: [Type.from(row)] }));
    const cells = [];
    for (const target of targets) {
      const {
        targets: [report],
        reference,
      } = await verifyModel(graph, { targets: [target], samples, optimize, without });
      if (report.outcome.status !== 'ok' || reference.status !== 'ok')
        throw new Error(`${file} on ${target}: ${JSON.stringify(report.outcome)}`);
      const average = report.instructions.reduce((a, b) => a + b, 0) / report.instructions.length;
      cells.push(count(average), count(report.sizes.flashBytes));
    }
    const how = `${optimize}${without.length > 0 ? ' (`tree-keys`)' : ''}`;
    lines.push(`| ${file} | ${features === 'float' ? 'float' : 'int16'} | ${how} | ${cells.join(' | ')} |`);
    process.stderr.write(`${lines.at(-1)}\n`);
  }
  writeFileSync(join(root, 'docs', 'benchmarks-trees.md'), page(lines));
  return 0;
}

const page = (lines) => `# Forests on microcontrollers

Written by \`npm run bench:trees\`, not to be edited. Digits (64 features), the average of 100 rows, the class alone (\`--outputs predict\`); every class equals the library's, ties included. Instructions are executed ones, counted by the emulators; flash is everything: code, tables, functions of libgcc. gcc 12.2, \`-O2\`.

| model | features | optimised for | Cortex-M4 | flash | Cortex-M0+ | flash |
|---|---|---|---:|---:|---:|---:|
${lines.join('\n')}

\`sk_rf10_digits\`: 10 trees of depth 8 that vote with shares, 1,073 nodes; \`sk_rf100_digits\`: 100 such trees, 10,674 nodes; \`xgb_digits_softprob\`: 100 boosted trees, 1,039 nodes.

## Others

| generator | rf10 M4 | rf10 M0+ | rf10 flash | rf100 M4 | rf100 M0+ | rf100 flash | of 100 classes equal scikit-learn's (rf10, rf100) |
|---|---:|---:|---:|---:|---:|---:|---:|
${others.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

XGBoost's 100 trees by m2cgen: 44,896 instructions on Cortex-M4, 60,832 bytes of flash.

## How

- **Nested comparisons** (\`tree-branches\`): a load, a constant, a comparison and a branch. Floats that are never missing are compared as the integers of their bits, so that cores without floats need no library for them.
- **Integer votes** (\`tree-votes\`): leaves of voting trees add shares, rounded to 1/6,500 (10 trees) or 1/650 (100), two classes in a register. Where the best two classes come nearer than all roundings together, shares are added again as scikit-learn adds them, in doubles: the class is always its own, and that costs nothing on average.
- **Keys** (\`tree-keys\`): features become integers with as few bits as tell the sides of all thresholds apart, once a row; comparisons then have constants of a byte. Missing values become the lowest or highest key.
- **Packed tables** (\`tree-packed\`, what \`--optimize size\` takes where it halves the code): four or five bytes a node, fields as wide as the forest needs; shares as the counts they came from.
`;

process.exitCode = await main();
