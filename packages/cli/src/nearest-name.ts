// The name somebody probably meant.

/** Insertions, deletions and replacements of single characters that lead from one word to the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The name with the fewest differences, or undefined where none is near. A part of a name is near to it. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const distance = (name: string): number =>
    word.length >= 2 && name.includes(word) ? (name.length - word.length) / 100 : editDistance(word, name);
  const [best] = names.map((name) => ({ name, distance: distance(name) })).sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, word.length / 3) ? best.name : undefined;
}
