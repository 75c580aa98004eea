/**
 * A mutant is the engine with one change that must not go unnoticed: a sync left out, a check that says yes,
 * two steps in the wrong order. The suite is trusted as far as it kills them.
 */

export interface Mutant {
  /** What it does, as a sentence about the mutated engine. */
  readonly breaks: string;
  /** A source file without its extension, from src/: `log/log-writer`. */
  readonly file: string;
  /** Text that the compiled file has exactly once; any white space stands for any other. */
  readonly from: string;
  readonly to: string;
  readonly killedBy: Killer;
}

/** A test file, from test/ and without its extension; or an explorer and a case of it. */
export type Killer = { readonly test: string } | { readonly explorer: string; readonly seed: number };

/** The file with the change in it. Throws if the text is not there exactly once. */
export function mutate(source: string, { file, from, to }: Mutant): string {
  const pattern = from
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s+');
  const places = [...source.matchAll(new RegExp(pattern, 'g'))];
  if (places.length !== 1) throw new Error(`${file} has ${places.length} times: ${from}`);
  const [{ index, 0: found }] = places;
  return source.slice(0, index) + to + source.slice(index + found.length);
}

export function describeKiller(killer: Killer): string {
  return 'test' in killer ? `test/${killer.test}.test.ts` : `${killer.explorer} ${killer.seed}`;
}
