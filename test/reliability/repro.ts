/** `npm run repro <explorer> <seed>`: explores one case again, and shows what it throws. */
import { argv } from 'node:process';
import { describeCounts, seedOf } from './explorer.ts';
import { explorerNames, loadExplorer } from './load-explorer.ts';

const [name, seedText] = argv.slice(2);
const seed = seedOf(seedText);
if (!explorerNames().includes(name) || seed === undefined) {
  console.error(`usage: npm run repro <explorer> <seed>\nexplorers: ${explorerNames().join(', ')}`);
  process.exitCode = 2;
} else {
  try {
    const explorer = await loadExplorer(name);
    const missing = explorer.missing?.();
    if (missing !== undefined) throw new Error(`${name} cannot run here: ${missing}`);
    console.log(`${name} ${seed}: ${describeCounts(await explorer.explore(seed))}, nothing found`);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}
