// Needs of a made-up model, the same for all targets but for how much they execute.
import { type InstructionMix, mixFrom } from '@anymote/compiler';
import { type Build, type ModelNeeds, usedTargets } from '../needs/model-needs.ts';

/** A mix with so many instructions, in usual proportions. */
export const mixOf = (instructions: number): InstructionMix => mixFrom((kind) => instructions * shares[kind]);

const shares: InstructionMix = {
  loads: 0.22,
  stores: 0.1,
  multiplies: 0.35,
  divides: 0,
  branches: 0.03,
  floats: 0,
  others: 0.3,
};

/** A model with a default build and one that needs half the memory for a tenth more instructions. */
export function madeUpNeeds(
  given: Partial<Record<'instructions' | 'arenaBytes' | 'constantBytes' | 'inputBytes', number>> = {},
): ModelNeeds {
  const { instructions = 3e6, arenaBytes = 20_000, constantBytes = 30_000, inputBytes = 1000 } = given;
  const build = (options: string, arena: number, times: number): Build => ({
    options,
    optimize: 'balanced',
    macs: instructions,
    arenaBytes: arena,
    codeBytes: 8000,
    constantBytes,
    mix: mixOf(instructions * times),
    streamedBytes: constantBytes + 8000,
    sparseReads: 0,
  });
  const half = Math.ceil(arenaBytes / 2);
  const builds = [build('', arenaBytes, 1), build(`--ram ${half}`, half, 1.1)];
  return {
    title: 'made up',
    macs: instructions,
    inputBytes,
    outputBytes: 12,
    floats: false,
    builds: Object.fromEntries(usedTargets.map((target) => [target, builds])),
  };
}
