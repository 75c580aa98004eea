/** What a cursor shows lies in memory that its next move may give to another block. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BY_HAND, memoryDatabase } from '../../support/small-database.ts';

const COUNT = 500;
/** Prime to COUNT, so that the chain comes by every key. */
const STEP = 199;

function keyOf(index: number): string {
  return `key ${String(index % COUNT).padStart(5, '0')}`;
}

for (const move of ['seek', 'seekBack'] as const) {
  test(`${move} takes the value under the cursor as its key, however small the cache is`, (t) => {
    const db = memoryDatabase(t, { ...BY_HAND, blockBytes: 256, cacheBytes: 4096, bloomBitsPerKey: 0 });
    // Several tables over the same range, so that the key is needed after the first block has been replaced.
    for (let part = 0; part < 5; part++) {
      for (let i = part; i < COUNT; i += 5) db.put(keyOf(i), keyOf(i + STEP));
      db.flush();
    }
    const cursor = db.cursor();
    assert.ok(cursor.seek(keyOf(0)));
    for (let i = 0; i < 3 * COUNT; i++) {
      const at = (i * STEP) % COUNT;
      assert.equal(Buffer.from(cursor.key).toString(), keyOf(at));
      assert.ok(cursor[move](cursor.value), `step ${i}`);
    }
    cursor.close();
  });
}
