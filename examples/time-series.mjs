/**
 * Measurements by sensor and time: the last one, those of an hour, and getting rid of what is old.
 *
 *   node examples/time-series.mjs [directory]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiniLevel } from 'mini-lsm';

const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'time-series-'));
const db = new MiniLevel(directory, { valueEncoding: 'json' });
// Other calls wait for the database to open by itself; a chained batch does not.
await db.open();

// The sensor comes first, so that its measurements lie side by side; then the time, which in ISO 8601 and UTC
// has a fixed width, so that the order of the bytes is the order of time.
const keyOf = (sensor, time) => `${sensor}/${new Date(time).toISOString()}`;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2030-01-01T00:00:00Z');

// A day of two sensors. A batch for each hour: one promise for 120 puts.
for (let hour = START; hour < START + 24 * HOUR; hour += HOUR) {
  const batch = db.batch();
  for (let time = hour; time < hour + HOUR; time += MINUTE) {
    const minute = (time - START) / MINUTE;
    batch.put(keyOf('kitchen', time), { celsius: 20 + (minute % 60) / 10 });
    batch.put(keyOf('cellar', time), { celsius: 10 });
  }
  await batch.write();
}

// The last measurement: the first one from the end.
const [[lastKey, last]] = await db
  .iterator({ gte: 'kitchen/', lt: 'kitchen0', reverse: true, limit: 1 })
  .all();
console.log(`${lastKey}: ${last.celsius} degrees`);

async function mean(sensor, from, to) {
  let sum = 0;
  let count = 0;
  for await (const { celsius } of db.values({ gte: keyOf(sensor, from), lt: keyOf(sensor, to) })) {
    sum += celsius;
    count++;
  }
  return `${(sum / count).toFixed(2)} degrees from ${count} measurements`;
}
console.log(`kitchen, 08:00 to 09:00: ${await mean('kitchen', START + 8 * HOUR, START + 9 * HOUR)}`);

// What is older than six hours goes, sensor by sensor, since time comes second in the key.
const limit = START + 18 * HOUR;
for (const sensor of ['cellar', 'kitchen']) await db.clear({ gte: `${sensor}/`, lt: keyOf(sensor, limit) });
console.log(`${(await db.keys().all()).length} measurements left`);

// Deleting takes no space away by itself: compaction does so in time, or now.
await db.compactRange('cellar/', 'kitchen0');

await db.close();
console.log(`the database is in ${directory}`);
