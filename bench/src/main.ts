/**
 * `npm run bench`: mini-lsm beside other stores. Tables or JSON go to standard output, progress to standard error.
 */
import { writeFileSync } from 'node:fs';
import { bench } from './bench.ts';
import { parseSettings } from './settings.ts';
import { renderResult } from './tables.ts';

async function main(): Promise<void> {
  const settings = parseSettings(process.argv.slice(2));
  if (settings === undefined) return;
  const result = await bench(settings);
  const json = `${JSON.stringify(result, null, 2)}\n`;
  if (typeof settings.json === 'string') writeFileSync(settings.json, json);
  process.stdout.write(settings.json === true ? json : `${renderResult(result)}\n`);
}

// What was begun is ended and removed: see bench.ts and child.ts.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
