/**
 * From a directory of classic-level (or leveldown, or LevelDB) to one of mini-lsm, without native code.
 *
 *   node examples/migration.mjs [directory of LevelDB] [new directory]
 *
 * Without arguments it writes a small database with classic-level first, for which that has to be installed.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importLevelDB, MiniLevel } from 'mini-lsm';

async function writeSample(directory) {
  const { ClassicLevel } = await import('classic-level');
  const db = new ClassicLevel(directory, { valueEncoding: 'json' });
  const notes = db.sublevel('notes', { valueEncoding: 'json' });
  await db.put('settings', { theme: 'dark' });
  await notes.batch([
    { type: 'put', key: '2030-01-01', value: { text: 'A note' } },
    { type: 'put', key: '2030-01-02', value: { text: 'Another note' } },
  ]);
  await db.close();
}

const parent = mkdtempSync(join(tmpdir(), 'migration-'));
const { 2: source = join(parent, 'leveldb'), 3: target = join(parent, 'mini-lsm') } = process.argv;
if (process.argv.length === 2) await writeSample(source);

// The source is only read, and must not be open anywhere. The target appears when it is complete, so what
// fails half-way can just be tried again.
const report = await importLevelDB(source, target, {
  onProgress: ({ bytesRead, bytesTotal }) => console.error(`${bytesRead} of ${bytesTotal} bytes`),
});
console.log(`imported ${report.entries} entries`);

// Keys and values are the same bytes in the same order. So encodings, sublevels and everything else built on
// abstract-level go on as before; only the import at the top of the program changes.
const db = new MiniLevel(target, { valueEncoding: 'json' });
const notes = db.sublevel('notes', { valueEncoding: 'json' });
for await (const [day, { text }] of notes.iterator()) console.log(`${day}: ${text}`);
await db.close();
console.log(`the database is in ${target}`);
