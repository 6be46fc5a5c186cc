// `--target`: names of targets, separated by commas, or `all`.
import { type Target, targets } from '@anymote/compiler';
import { Failure } from './failure.ts';
import { nearestName } from './nearest-name.ts';

/** The targets of a list, each once. @throws {Failure} that names the nearest target */
export function parseTargets(list: string): readonly Target[] {
  const names = list.split(',').map((name) => name.trim());
  const found = names.flatMap((name) => (name === 'all' ? targets : [targetOf(name)]));
  return [...new Set(found)];
}

function targetOf(name: string): Target {
  const target = targets.find((one) => one.name === name);
  if (target !== undefined) return target;
  const known = targets.map((one) => one.name);
  const nearest = nearestName(name, known);
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new Failure(`unknown target '${name}'${guess} (targets: ${known.join(', ')})`, 2);
}
