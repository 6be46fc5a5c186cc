// The `--without` option, which several commands have: what a model is compiled without, to see what each idea gains.
import { Failure } from './failure.ts';
import { nearestName } from './nearest-name.ts';

export const withoutOption = [
  '--without <names>',
  'passes and loops to leave out, separated by commas, to see what they gain (results are the same)',
] as const;

/** The names in a list; `known` are those there are. */
export function parseIdeas(list: string | undefined, known: readonly string[]): readonly string[] {
  const names = (list ?? '').split(/[\s,]+/).filter((name) => name !== '');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  const nearest = nearestName(unknown, known);
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new Failure(`--without ${unknown}: there is no such pass or loop${guess} (${known.join(', ')})`, 2);
}
