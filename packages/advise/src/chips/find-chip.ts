// A chip by the name of itself or of a board.
import { boards, chips as catalogue } from './catalogue/index.ts';
import type { Board, Chip } from './chip.ts';

/**
 * The chip of an id, of a board's, or of the beginning of one id; a board's clock, memory, radios and price replace the chip's. Undefined
 * where the name is none, or begins several.
 */
export function findChip(name: string, chips: readonly Chip[] = catalogue): Chip | undefined {
  const wanted = name.toLowerCase();
  const chip = chips.find(({ id }) => id === wanted);
  if (chip !== undefined) return chip;
  const onIt = chipsOnBoards(chips).find(({ board }) => board.id === wanted);
  if (onIt !== undefined) return onIt.chip;
  const [only, another] = chips.filter(({ id }) => wanted !== '' && id.startsWith(wanted));
  return another === undefined ? only : undefined;
}

/** A chip as it is on a board. Its id stays, so that what was measured of it counts. */
export const onBoard = (chip: Chip, board: Board): Chip => ({
  ...chip,
  name: `${chip.name} on ${board.name}`,
  clockMegahertz: board.clockMegahertz ?? chip.clockMegahertz,
  ...(board.externalFlashKib === undefined ? {} : { externalFlashKib: board.externalFlashKib }),
  radios: board.radios ?? chip.radios,
  price: board.price,
});

/** All boards whose chip is among these, with the chip as it is there. */
export const chipsOnBoards = (
  chips: readonly Chip[] = catalogue,
): readonly { readonly board: Board; readonly chip: Chip }[] =>
  boards.flatMap((board) => {
    const chip = chips.find(({ id }) => id === board.chip);
    return chip === undefined ? [] : [{ board, chip: onBoard(chip, board) }];
  });

/** All names that `findChip` knows. */
export const chipNames = (chips: readonly Chip[] = catalogue): readonly string[] => [
  ...chips.map(({ id }) => id),
  ...chipsOnBoards(chips).map(({ board }) => board.id),
];
