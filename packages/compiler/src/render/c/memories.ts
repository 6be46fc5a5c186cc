// Where the arena's offsets lie in C: in the instance itself, or in several memories that the instance points to.
import { assert } from '../../errors.ts';
import type { Program } from '../program.ts';

interface Piece {
  readonly name: string;
  readonly base: number;
  readonly bytes: number;
}

/** The pieces that there are: of an arena in one piece, all of it. */
const piecesOf = ({ memories, arenaBytes }: Program): readonly Piece[] =>
  memories ?? [{ name: 'arena', base: 0, bytes: arenaBytes }];

function pieceAt(program: Program, offset: number): Piece {
  const pieces = piecesOf(program);
  // What takes no bytes may lie at the end of all.
  const [found] = pieces.filter(({ base, bytes }, n) => base <= offset && (bytes > 0 || n === 0)).slice(-1);
  assert(found !== undefined, 'an instance without memory');
  return found;
}

/** A place as the run function has it: `arena + 128`. */
export function placeOf(program: Program, offset: number): string {
  const { name, base } = pieceAt(program, offset);
  return `${name} + ${offset - base}`;
}

/** A place by way of the instance: `model->arena.bytes + 128`. */
export function placeInModel(program: Program, offset: number): string {
  const { name, base } = pieceAt(program, offset);
  return `${bytesOf(program, name)} + ${offset - base}`;
}

/** An element by way of the instance, `index` behind a place: `model->arena.bytes[128 + i]`. */
export function elementInModel(program: Program, offset: number, index: string): string {
  const { name, base } = pieceAt(program, offset);
  return `${bytesOf(program, name)}[${offset - base} + ${index}]`;
}

const bytesOf = ({ memories }: Program, name: string): string =>
  memories === undefined ? `model->${name}.bytes` : `model->${name}->bytes`;

/** Local pointers to every piece, for the run function. */
export const pointersToPieces = (program: Program): readonly string[] =>
  piecesOf(program).flatMap(({ name }) => [`uint8_t *const ${name} = ${bytesOf(program, name)};`, `(void)${name};`]);

/** The types of an instance, as the header declares them. */
export function instanceTypes({ prefix, memories }: Program): readonly string[] {
  const upper = prefix.toUpperCase();
  if (memories === undefined) {
    return ['typedef struct {', ...union(`${upper}_ARENA_BYTES`, '  ').slice(0, -1), '  } arena;', `} ${prefix}_t;`];
  }
  return [
    ...memories.flatMap(({ name, bytes }) => [
      `/* To be placed in ${name}: ${bytes} bytes. */`,
      `typedef ${union(String(Math.max(1, bytes)), '').join('\n')} ${prefix}_${name}_t;`,
      '',
    ]),
    '/* An instance: where its memories are. */',
    'typedef struct {',
    ...memories.map(({ name }) => `  ${prefix}_${name}_t *${name};`),
    `} ${prefix}_t;`,
  ];
}

const union = (bytes: string, indent: string): string[] => [
  `${indent}union {`,
  `${indent}  int64_t alignment;`,
  `${indent}  uint8_t bytes[${bytes}];`,
  `${indent}}`,
];

/** Definitions of an instance in static memory, under a name. */
export function instanceOf(
  { prefix, memories }: Pick<Program, 'prefix' | 'memories'>,
  name: string,
): readonly string[] {
  if (memories === undefined) return [`static ${prefix}_t ${name};`];
  return [
    ...memories.map((memory) => `static ${prefix}_${memory.name}_t ${name}_${memory.name};`),
    `static ${prefix}_t ${name} = { ${memories.map((memory) => `&${name}_${memory.name}`).join(', ')} };`,
  ];
}
