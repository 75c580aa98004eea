/**
 * Counted code, kept on the disk from one process to the next: to parse a hundred modules takes a second, and
 * dozens of processes want the same ones.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CountedCode } from './instrument.ts';

/** Beside the compiled code, and gone with it. */
const FOLDER: string = fileURLToPath(new URL('../../../counted/', import.meta.url));

/** The code of the module at `path` of the compiled tree, with counters. */
export async function countedCode(path: string): Promise<CountedCode> {
  const file = fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const code = await readFile(file, 'utf8');
  const name = createHash('sha256').update(path).update('\0').update(code).digest('hex');
  const kept = `${FOLDER}${name}.json`;
  try {
    return JSON.parse(await readFile(kept, 'utf8')) as CountedCode;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // What it takes to parse is loaded only by whoever is the first to need it.
  const { instrument } = await import('./instrument.ts');
  const counted = instrument(code, path);
  await mkdir(FOLDER, { recursive: true });
  const temporary = `${kept}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(counted));
  await rename(temporary, kept);
  return counted;
}
