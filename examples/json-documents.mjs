/**
 * Documents as JSON, by their ids: put, get, change, list a kind of them, delete.
 *
 *   node examples/json-documents.mjs [directory]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiniLevel } from 'mini-lsm';

const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'json-documents-'));
const db = new MiniLevel(directory, { valueEncoding: 'json' });

// Keys are ordered, so a prefix for each kind of document keeps a kind together.
await db.put('book/dune', { title: 'Dune', author: 'Frank Herbert', year: 1965 });
await db.put('book/solaris', { title: 'Solaris', author: 'Stanisław Lem', year: 1961 });
await db.put('film/solaris', { title: 'Solaris', director: 'Andrei Tarkovsky', year: 1972 });

const dune = await db.get('book/dune');
console.log(`${dune.title} is by ${dune.author}`);

// A missing document is undefined, not an error.
console.log(`book/ubik: ${await db.get('book/ubik')}`);

// A document is replaced as a whole. Several writes that belong together are one batch: all of them or none,
// whatever happens; with `sync` they also survive a power cut.
await db.batch(
  [
    { type: 'put', key: 'book/dune', value: { ...dune, read: true } },
    { type: 'put', key: 'book/ubik', value: { title: 'Ubik', author: 'Philip K. Dick', year: 1969 } },
    { type: 'del', key: 'film/solaris' },
  ],
  { sync: true },
);

// All books: '0' is the character after '/'.
for await (const [key, book] of db.iterator({ gte: 'book/', lt: 'book0' })) {
  console.log(`${key}: ${book.year}${book.read ? ', read' : ''}`);
}
console.log(`films: ${(await db.keys({ gte: 'film/', lt: 'film0' }).all()).length}`);

await db.close();
console.log(`the database is in ${directory}`);
