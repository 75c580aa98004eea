/** Snapshots, cursors and iterators are held in arrays, and named by numbers of which the remainder counts. */

export function chosen<Held>(all: readonly Held[], number: number): Held | undefined {
  return all.length === 0 ? undefined : all[number % all.length];
}

/** Takes the one of that number away. */
export function takeOut<Held>(all: Held[], number: number): Held | undefined {
  return all.length === 0 ? undefined : all.splice(number % all.length, 1)[0];
}
