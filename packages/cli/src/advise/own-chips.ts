// `--chips <file>`: a user's own chips, as JSON or YAML, before those of the catalogue; and one chip by its name.
import { readFile } from 'node:fs/promises';
import { type Chip, chips as catalogue, chipNames, findChip, readChips } from '@anymote/advise';
import { Failure, fileFailure } from '../failure.ts';
import { nearestName } from '../nearest-name.ts';
import { asFailure } from './as-failure.ts';

/** The catalogue with the chips of a file; those of the same id replace the catalogue's. */
export async function chipsWith(path: string | undefined): Promise<readonly Chip[]> {
  if (path === undefined) return catalogue;
  const parsed = await parseFile(path);
  const chips = asFailure(() => readChips(parsed, path), 1);
  return [...chips, ...catalogue.filter(({ id }) => chips.every((other) => other.id !== id))];
}

/** A file of JSON or YAML. @throws {Failure} where it is neither */
export async function parseFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure('read', path, error);
  });
  const { parse } = await import('yaml');
  try {
    // JSON is YAML too.
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
    throw new Failure(`${path}: neither JSON nor YAML: ${reason}`);
  }
}

/** The chip or board of a name. @throws {Failure} that names the nearest */
export function chipNamed(name: string, chips: readonly Chip[]): Chip {
  const chip = findChip(name, chips);
  if (chip !== undefined) return chip;
  const names = chipNames(chips);
  const begun = names.filter((own) => own.startsWith(name.toLowerCase()));
  if (begun.length > 1) throw new Failure(`'${name}' begins several names: ${begun.slice(0, 8).join(', ')}`, 2);
  const nearest = nearestName(name, names);
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new Failure(`unknown chip '${name}'${guess} (\`anymote chips\` lists them)`, 2);
}
