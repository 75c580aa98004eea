/**
 * The process that the demo kills: loads the data set by its plan and reports, through the pipe at file
 * descriptor 3, how many records have been acknowledged, after each write has returned. The pipe is
 * written synchronously: what was reported has left this process when the next write begins. It may not
 * run ahead without end: for every stretch of records it needs a byte from standard input (see crash.ts),
 * so that it cannot be done before the signal reaches it.
 *
 *     node writer.js <directory> <seed> <records>
 */
import { readSync, writeSync } from 'node:fs';
import { MiniLsm, WriteBatch } from '../../index.ts';
import { loadDataSet } from './data-set.ts';
import { DEMO_OPTIONS } from './demo-options.ts';
import { FIRST_STRETCHES, stretchOf, writePlan } from './write-plan.ts';

const STANDARD_INPUT = 0;
const REPORT_DESCRIPTOR = 3;

const [directory, seed, records] = process.argv.slice(2);
const { cities } = loadDataSet(Number(seed), Number(records));
const db = MiniLsm.open(directory, { ...DEMO_OPTIONS, errorIfExists: true });
const batch = new WriteBatch();
const stretch = stretchOf(cities.length);
let allowed = FIRST_STRETCHES * stretch;
for (const { start, end, sync } of writePlan(Number(seed), cities.length)) {
  if (end - start === 1) {
    db.put(cities[start].key, cities[start].value, { sync });
  } else {
    batch.clear();
    for (let next = start; next < end; next++) batch.put(cities[next].key, cities[next].value);
    db.write(batch, { sync });
  }
  writeSync(REPORT_DESCRIPTOR, `${end}\n`);
  if (end >= allowed) {
    readSync(STANDARD_INPUT, new Uint8Array(1));
    allowed += stretch;
  }
}
db.close();
