// The options that every command on a model has: a model as its user wants it.
import type { ModelOptions } from '@anymote/compiler';
import type { Command } from 'commander';
import { Failure } from './failure.ts';

export interface ModelFlags {
  readonly outputs?: readonly string[];
  readonly bestIteration?: true;
  /** A model that gets what the first gives. */
  readonly then?: string;
  /** Rows by which features become integers. */
  readonly calibrate?: string;
  readonly features?: NonNullable<ModelOptions['features']>;
}

const outputsOption = [
  '--outputs <names>',
  'outputs to keep, separated by commas; what only others need is not computed',
  (text: string): readonly string[] => text.split(',').map((name) => name.trim()),
] as const;

const calibrateOption = [
  '--calibrate <table>',
  'with --features: a CSV file of typical rows, by which features that are no whole numbers become integers',
] as const;

const thenOption = [
  '--then <model>',
  'another model that gets what this one gives: a scaler before a forest, a network before trees; both are one',
] as const;

const bestIterationOption = [
  '--best-iteration',
  'of boosted trees that stopped early, those up to the best iteration',
] as const;

const types = { int8: 'i8', uint8: 'u8', int16: 'i16', int32: 'i32' } as const;

const featuresOption = [
  '--features <type>',
  `whole numbers as features of trees: ${Object.keys(types).join(', ')}`,
  (text: string): ModelFlags['features'] => {
    const known = Object.entries(types).find(([name]) => name === text);
    if (known === undefined)
      throw new Failure(`there are no features of type ${text}; types are ${Object.keys(types).join(', ')}`, 2);
    return known[1];
  },
] as const;

/** Adds them to a command. */
export const withModelOptions = (command: Command): Command =>
  command
    .option(...outputsOption)
    .option(...featuresOption)
    .option(...calibrateOption)
    .option(...bestIterationOption)
    .option(...thenOption);
