import fc from 'fast-check';

/**
 * Checks a property with random inputs. A failure prints its seed and the smallest input that fails; the
 * environment variable `SEED` repeats a run.
 */
export function checkProperty<T>(property: fc.IProperty<T>, runs = 100): void {
  const { SEED: seed } = process.env;
  fc.assert(property, seed === undefined ? { numRuns: runs } : { numRuns: runs, seed: Number(seed) });
}
