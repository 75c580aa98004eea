/**
 * An index by another field than the key, which cannot get out of step with what it indexes: a hook adds the
 * changes of the index to the very batch that changes the data.
 *
 *   node examples/secondary-index.mjs [directory]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiniLevel } from 'mini-lsm';

const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'secondary-index-'));
const db = new MiniLevel(directory);

// Two sublevels, side by side: neither sees the keys of the other.
const users = db.sublevel('users', { valueEncoding: 'json' });
const byCity = db.sublevel('users-by-city');

// An entry of the index is all key. The id makes it unique; NUL sorts before anything that a city may contain.
const indexKey = (city, id) => `${city}\0${id}`;

users.hooks.prewrite.add((operation, batch) => {
  // What is stored until now says which entry of the index is out of date. Two writes of one user have to be
  // awaited one after the other, or the second does not find here what the first wrote.
  const before = users.getSync(operation.key);
  if (before !== undefined) {
    batch.add({ type: 'del', key: indexKey(before.city, operation.key), sublevel: byCity });
  }
  if (operation.type === 'put') {
    batch.add({
      type: 'put',
      key: indexKey(operation.value.city, operation.key),
      value: '',
      sublevel: byCity,
    });
  }
});

async function usersIn(city) {
  const ids = [];
  for await (const key of byCity.keys({ gte: `${city}\0`, lt: `${city}\x01` })) ids.push(key.split('\0')[1]);
  const found = await users.getMany(ids);
  return found.map(({ name }) => name);
}

await users.batch([
  { type: 'put', key: '1', value: { name: 'Ada', city: 'London' } },
  { type: 'put', key: '2', value: { name: 'Grace', city: 'New York' } },
  { type: 'put', key: '3', value: { name: 'Alan', city: 'London' } },
]);
console.log(`London: ${await usersIn('London')}`);

// Ada moves, Alan goes: the index follows, though nobody here speaks of it.
await users.put('1', { name: 'Ada', city: 'New York' });
await users.del('3');
console.log(`London: ${(await usersIn('London')).join() || 'nobody'}`);
console.log(`New York: ${await usersIn('New York')}`);

await db.close();
console.log(`the database is in ${directory}`);
