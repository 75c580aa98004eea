/** Finds explorers by their names, which are those of the folders here. */
import { readdirSync } from 'node:fs';
import type { Explorer } from './explorer.ts';

export function explorerNames(): string[] {
  const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true });
  return folders
    .filter((entry) => entry.isDirectory())
    .filter(({ name }) => readdirSync(new URL(name, import.meta.url)).includes('explorer.js'))
    .map(({ name }) => name)
    .sort();
}

export async function loadExplorer(name: string): Promise<Explorer> {
  const names = explorerNames();
  if (!names.includes(name)) throw new Error(`there is no explorer ${name}; there are ${names.join(', ')}`);
  const { explorer }: { explorer: Explorer } = await import(
    new URL(`${name}/explorer.js`, import.meta.url).href
  );
  return explorer;
}
