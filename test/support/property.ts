import fc from 'fast-check';

/**
 * Checks a property with random inputs. A failure prints its seed, its path and the smallest input that
 * fails; the environment variable `SEED` repeats a run, and `FC_PATH` goes straight to that input.
 */
export function checkProperty<T>(property: fc.IProperty<T>, runs = 100): void {
  fc.assert(property, { ...repetition(), numRuns: runs });
}

/** The same for properties that wait. */
export async function checkAsyncProperty<T>(property: fc.IAsyncProperty<T>, runs = 100): Promise<void> {
  await fc.assert(property, { ...repetition(), numRuns: runs });
}

function repetition(): { seed?: number; path?: string } {
  const { SEED: seed, FC_PATH: path } = process.env;
  if (seed === undefined) return {};
  return path === undefined ? { seed: Number(seed) } : { seed: Number(seed), path };
}
