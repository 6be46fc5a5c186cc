// A list that keeps its first entries and counts the rest, so that a file with a million faults costs no memory.

export class BoundedList<T> {
  readonly kept: T[] = [];
  readonly capacity: number;
  #count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(entry: T): void {
    this.#count += 1;
    if (this.kept.length < this.capacity) this.kept.push(entry);
  }

  /** All that were added, kept or not. */
  get count(): number {
    return this.#count;
  }
}
