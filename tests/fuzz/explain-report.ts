// A campaign's report in words.
import type { Report } from './campaign.ts';

const listed = (counts: ReadonlyMap<string, number>): readonly string[] =>
  [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `  ${String(count).padStart(6)}  ${what}`);

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);

/** Lines for the reader of a terminal. */
export function explainReport(report: Report): string {
  const { seed, refused, accepted, roundedFar, slowest, hungriest, memoryGrowthBytes, compiledC, failures } = report;
  const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
  const failed = failures.flatMap(({ number, model, problem, detail, changes, file }) => [
    '',
    `case ${number} of seed ${seed} failed: ${problem}`,
    `  made from   ${model}`,
    `  changes     ${JSON.stringify(changes)}`,
    `  file        ${file}`,
    `  again       npm run fuzz -- --seed ${seed} --case ${number}`,
    ...detail.split('\n').map((line) => `  ${line}`),
  ]);
  return [
    `${report.count} mutants of seed ${seed}: ${sum(refused)} refused, ${sum(accepted)} accepted, ${failures.length} failed`,
    '',
    'refused, by their first issue',
    ...listed(refused),
    'accepted',
    ...listed(accepted),
    ...(roundedFar > 0
      ? [`          ${roundedFar} with float32 layers where huge numbers cancel, equal to the interpreter`]
      : []),
    `C, compiled with sanitizers: ${compiledC.equal} equal${compiledC.skipped === undefined ? '' : `, skipped (${compiledC.skipped})`}`,
    `slowest: ${Math.round(slowest.cpuMs)} ms of processor time (case ${slowest.number}, ${slowest.model})`,
    `most memory: ${mebibytes(hungriest.growthBytes)} MiB more than before (case ${hungriest.number}, ${hungriest.model}); ${mebibytes(memoryGrowthBytes)} MiB in all, judging included`,
    ...failed,
    '',
  ].join('\n');
}
