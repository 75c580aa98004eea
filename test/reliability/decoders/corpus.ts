/** Inputs that once showed something wrong, or that only a person thinks of, by target: `corpus/<target>/<meaning>.hex`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fromHex } from '../../support/hex.ts';

/** Beside the sources: the compiler does not copy it. */
const CORPUS: URL = new URL('../../../../test/reliability/decoders/corpus/', import.meta.url);

/** The inputs of a target by their meaning. */
export function corpusOf(target: string): Map<string, Uint8Array> {
  const folder = new URL(`${target.replaceAll(' ', '-')}/`, CORPUS);
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, fromHex(readFileSync(new URL(name, folder), 'latin1'))]));
}
