/**
 * `node report.js <directory>`: adds up what the processes of a test run counted, prints a line for each measured
 * folder, and every way that no test took. Exits with 1 if there is one that exceptions.ts does not explain, or an
 * exception that no longer is one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Way, waysOf } from './branches.ts';
import { EXCEPTIONS, type Exception } from './exceptions.ts';
import { MEASURED, type ProcessCounts } from './measured.ts';

const COMPILED: string = fileURLToPath(new URL('../../../', import.meta.url));

/** Of more there is something else wrong than a missing test. */
const MOST_SHOWN = 60;

const totals = addUp(process.argv[2]);
const ways: Way[] = [];
for (const path of measuredModules()) ways.push(...(await waysOf(path, totals.get(path) ?? [])));
const untaken = ways.filter(({ taken }) => !taken);
const unexplained = untaken.filter((way) => !EXCEPTIONS.some((exception) => explains(exception, way)));
const stale = EXCEPTIONS.filter((exception) => !untaken.some((way) => explains(exception, way)));

say('ways through branches that the tests took');
for (const folder of MEASURED) {
  const here = ways.filter(({ file }) => file.startsWith(folder));
  const taken = here.filter((way) => way.taken).length;
  const excepted = here.filter((way) => !way.taken && !unexplained.includes(way)).length;
  const rest = excepted === 0 ? '' : `, ${excepted} excepted`;
  say(`  ${folder.padEnd(24)} ${String(taken).padStart(4)} of ${String(here.length).padStart(4)}${rest}`);
}
for (const { file, code, way, reason } of EXCEPTIONS) say(`  excepted: ${file}: ${code} (${way}): ${reason}`);
for (const { file, line, code, way } of unexplained.slice(0, MOST_SHOWN)) {
  say(`  not taken: ${file}:${line}: ${code} (${way})`);
}
if (unexplained.length > MOST_SHOWN) say(`  and ${unexplained.length - MOST_SHOWN} more`);
for (const { file, code, way } of stale) say(`  no exception any more: ${file}: ${code} (${way})`);
process.exitCode = unexplained.length + stale.length > 0 ? 1 : 0;

/** The counts of all processes, by module. */
function addUp(folder: string): Map<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const name of readdirSync(folder)) {
    const counts: ProcessCounts = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
    for (const [path, more] of Object.entries(counts)) {
      const sum = sums.get(path);
      sums.set(path, sum === undefined ? [...more] : sum.map((count, i) => count + more[i]));
    }
  }
  return sums;
}

/** Every module that is measured, also one that no test loads. */
function measuredModules(): string[] {
  return readdirSync(`${COMPILED}src`, { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.js') && MEASURED.some((beginning) => path.startsWith(beginning)))
    .sort();
}

function explains(exception: Exception, way: Way): boolean {
  return exception.file === way.file && exception.code === way.code && exception.way === way.way;
}

/** A comment of TAP, which the test run before this has printed. */
function say(text: string): void {
  console.log(`# ${text}`);
}
