// Names that generated C may have: identifiers that neither the language nor the C library uses.
import { CompileError } from '../../errors.ts';

const cKeywords =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while';

/** With `.h` behind them these are headers of the C library, `main.c` is the example. */
const cFiles =
  'assert complex ctype errno fenv inttypes iso646 limits locale main math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar unistd wchar wctype';

const taken = new Set([...cKeywords.split(' '), ...cFiles.split(' ')]);

/** With `_t` behind them these are types of the C library, and so no prefixes. */
const cTypes =
  /^(u?int(_least|_fast)?(8|16|32|64)|u?int(ptr|max)|s?size|ptrdiff|wchar|wint|max_align|sig_atomic|off|fpos|pid|clock|l*div)$/;

const isTaken = (identifier: string): boolean => taken.has(identifier) || cTypes.test(identifier);

/** A C identifier from any text: whole words, as many as fit into 32 characters. */
export function prefixOf(name: string): string {
  const base = (name.split(/[\\/]/).at(-1) ?? '').replace(/\.[a-z]+$/i, '');
  const words = base
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let identifier = words[0]?.slice(0, 32) ?? '';
  for (const word of words.slice(1)) {
    if (identifier.length + 1 + word.length > 32) break;
    identifier += `_${word}`;
  }
  if (!/^[a-z]/.test(identifier)) identifier = identifier === '' ? 'model' : `model_${identifier}`;
  return isTaken(identifier) ? `${identifier}_model` : identifier;
}

export const isIdentifier = (name: string): boolean => /^[a-z][a-z0-9_]{0,62}$/.test(name) && !isTaken(name);
export const identifierWanted = 'a lower-case C identifier that C does not use itself, such as my_model';

/** Throws a CompileError where a prefix cannot stand in C. */
export function checkPrefix(prefix: string): void {
  if (isIdentifier(prefix)) return;
  throw new CompileError([{ code: 'bad-value', where: {}, what: 'prefix', want: identifierWanted, found: prefix }]);
}
