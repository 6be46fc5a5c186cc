// A user's own chips: a list of entries like the catalogue's, checked by the same schema. Everything that is wrong is said at once, with the
// entry and the field.
import type { z } from 'zod';
import { AdviceError } from '../advice-error.ts';
import { type Chip, chipSchema } from './chip.ts';

/** The chips of a parsed file. `file` is for messages. @throws {AdviceError} */
export function readChips(parsed: unknown, file: string): readonly Chip[] {
  if (!Array.isArray(parsed))
    throw new AdviceError([`${file}: expected a list of chips, each an entry like those of \`anymote chips --json\``]);
  const issues: string[] = [];
  const chips = parsed.flatMap((entry: unknown, i): readonly Chip[] => {
    const result = chipSchema.safeParse(entry);
    if (result.success) return [result.data];
    const name = nameOf(entry, i);
    for (const issue of result.error.issues) issues.push(`${file}: ${name}: ${describe(issue)}`);
    return [];
  });
  const ids = chips.map(({ id }) => id);
  for (const id of new Set(ids.filter((own, i) => ids.indexOf(own) !== i)))
    issues.push(`${file}: entry ${id}: id: another entry has it too`);
  if (issues.length > 0) throw new AdviceError(issues);
  return chips;
}

const nameOf = (entry: unknown, i: number): string =>
  typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string'
    ? `entry ${entry.id}`
    : `entry ${i + 1}`;

/** `field: what is wrong`, from an issue of the schema. */
export function describe({ path, message, ...issue }: z.core.$ZodIssue): string {
  const field = path.length === 0 ? '' : `${path.map(String).join('.')}: `;
  if (issue.code === 'unrecognized_keys')
    return `${field}unknown ${issue.keys.length > 1 ? 'fields' : 'field'} ${issue.keys.join(', ')}`;
  return `${field}${message[0]?.toLowerCase() ?? ''}${message.slice(1)}`;
}
