import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LookupResult } from '../../src/cursor/cursor.ts';
import { KIND_DELETE, KIND_PUT, MAX_KEY_BYTES, MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import { Arena } from '../../src/memtable/arena.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import { backwards, forwards, lookup, put, remove, toBytes } from './support.ts';

describe('MemTable', () => {
  it('starts empty', () => {
    const table = MemTable.create(4096);
    assert.equal(table.entryCount, 0);
    assert.equal(table.byteSize, MemTable.overheadBytes);
    assert.equal(table.capacity, 4096);
    assert.deepEqual(forwards(table), []);
    assert.deepEqual(backwards(table), []);
    assert.equal(lookup(table, ''), undefined);
  });

  it('keeps keys in bytewise order, in whatever order they come', () => {
    const table = MemTable.create(65_536);
    const keys = ['b', 'a\xff', '', 'a', '\x00', 'ab', '\xff\xff', 'a\x00', '\xff', '\x00\x00'];
    keys.forEach((key, i) => {
      assert.ok(put(table, i + 1, key, `value of ${key}`));
    });
    const sorted = ['', '\x00', '\x00\x00', 'a', 'a\x00', 'ab', 'a\xff', 'b', '\xff', '\xff\xff'];
    assert.deepEqual(
      forwards(table).map((entry) => entry.key),
      sorted,
    );
    assert.deepEqual(backwards(table), forwards(table).reverse());
    for (const key of keys) assert.equal(lookup(table, key)?.value, `value of ${key}`);
  });

  it('answers with the newest version that the sequence may see', () => {
    const table = MemTable.create(65_536);
    for (const sequence of [20, 10, 30]) put(table, sequence, 'k', `at ${sequence}`);
    assert.equal(lookup(table, 'k', 9), undefined);
    assert.equal(lookup(table, 'k', 10)?.value, 'at 10');
    assert.equal(lookup(table, 'k', 29)?.value, 'at 20');
    assert.equal(lookup(table, 'k', 30)?.value, 'at 30');
    assert.equal(lookup(table, 'k')?.sequence, 30);
    assert.deepEqual(
      forwards(table).map((entry) => entry.sequence),
      [30, 20, 10],
    );
  });

  it('orders and returns sequences of any size up to the largest', () => {
    const table = MemTable.create(65_536);
    const sequences = [
      0,
      1,
      2 ** 24 - 1,
      2 ** 24,
      2 ** 32,
      2 ** 32 + 1,
      2 ** 48,
      MAX_SEQUENCE - 1,
      MAX_SEQUENCE,
    ];
    for (const sequence of sequences) put(table, sequence, 'k', `${sequence}`);
    for (const sequence of sequences) {
      assert.deepEqual(lookup(table, 'k', sequence), {
        key: 'k',
        sequence,
        kind: KIND_PUT,
        value: `${sequence}`,
      });
    }
    assert.deepEqual(
      forwards(table).map((entry) => entry.sequence),
      sequences.toReversed(),
    );
  });

  it('does not take a longer or shorter key for the one that was asked for', () => {
    const table = MemTable.create(4096);
    put(table, 1, 'abc', 'v');
    assert.equal(lookup(table, 'ab'), undefined);
    assert.equal(lookup(table, 'abcd'), undefined);
    assert.equal(lookup(table, 'abd'), undefined);
    assert.equal(lookup(table, ''), undefined);
  });

  it('tells an empty value from a tombstone', () => {
    const table = MemTable.create(4096);
    put(table, 1, 'empty', '');
    remove(table, 2, 'gone');
    assert.deepEqual(lookup(table, 'empty'), { key: 'empty', sequence: 1, kind: KIND_PUT, value: '' });
    assert.deepEqual(lookup(table, 'gone'), { key: 'gone', sequence: 2, kind: KIND_DELETE, value: '' });
  });

  it('answers with a tombstone that is newer than the value', () => {
    const table = MemTable.create(4096);
    put(table, 1, 'k', 'v');
    remove(table, 2, 'k');
    assert.equal(lookup(table, 'k')?.kind, KIND_DELETE);
    assert.equal(lookup(table, 'k', 1)?.value, 'v');
  });

  it('keeps no value with a tombstone, whatever is passed', () => {
    const table = MemTable.create(4096);
    table.add(1, KIND_DELETE, toBytes('k'), 0, 1, toBytes('value'), 0, 5);
    assert.equal(lookup(table, 'k')?.value, '');
    assert.equal(forwards(table)[0]?.value, '');
  });

  it('takes ranges of larger arrays', () => {
    const table = MemTable.create(4096);
    table.add(1, KIND_PUT, toBytes('__key__'), 2, 3, toBytes('..value..'), 2, 5);
    assert.equal(lookup(table, 'key')?.value, 'value');
    const result = new LookupResult();
    assert.ok(table.get(toBytes('...key'), 3, 3, 1, result));
  });

  it('copies what it is given', () => {
    const table = MemTable.create(4096);
    const key = toBytes('key');
    const value = toBytes('value');
    table.add(1, KIND_PUT, key, 0, 3, value, 0, 5);
    key.fill(0);
    value.fill(0);
    assert.equal(lookup(table, 'key')?.value, 'value');
  });

  it('clears the kind of a reused result when there is no answer', () => {
    const table = MemTable.create(4096);
    put(table, 1, 'k', 'v');
    const result = new LookupResult();
    assert.ok(table.get(toBytes('k'), 0, 1, 1, result));
    assert.ok(!table.get(toBytes('l'), 0, 1, 1, result));
    assert.equal(result.kind, 0);
  });

  it('takes the longest key, and values that are long', () => {
    const table = MemTable.create(1 << 20);
    const longest = '\xff'.repeat(MAX_KEY_BYTES);
    const value = 'v'.repeat(300_000);
    assert.ok(put(table, 1, longest, value));
    assert.ok(put(table, 2, longest.slice(1), 'shorter'));
    assert.equal(lookup(table, longest)?.value, value);
    assert.deepEqual(
      forwards(table).map((entry) => entry.key.length),
      [MAX_KEY_BYTES - 1, MAX_KEY_BYTES],
    );
  });

  it('refuses a key that is longer than its length field can say', () => {
    const table = MemTable.create(1 << 20);
    assert.throws(() => put(table, 1, 'k'.repeat(MAX_KEY_BYTES + 1), ''), { code: 'LSM_INTERNAL' });
    assert.equal(table.entryCount, 0);
  });

  it('refuses the same version twice, of whatever kind', () => {
    const table = MemTable.create(65_536);
    put(table, 1, 'a', '');
    put(table, 7, 'k', 'first');
    assert.throws(() => put(table, 7, 'k', 'second'), { code: 'LSM_INTERNAL' });
    assert.throws(() => remove(table, 7, 'k'), { code: 'LSM_INTERNAL' });
    put(table, 6, 'k', '');
    assert.throws(() => put(table, 7, 'k', 'third'), { code: 'LSM_INTERNAL' });
    assert.equal(table.entryCount, 3);
    assert.equal(lookup(table, 'k', 7)?.value, 'first');
  });

  it('goes on in order after a refused version', () => {
    const table = MemTable.create(65_536);
    for (const key of ['a', 'c', 'e']) put(table, 1, key, '');
    assert.throws(() => put(table, 1, 'c', ''), { code: 'LSM_INTERNAL' });
    put(table, 2, 'd', '');
    put(table, 3, 'b', '');
    assert.deepEqual(
      forwards(table)
        .map((entry) => entry.key)
        .join(''),
      'abcde',
    );
  });

  it('reports a lack of room as false and changes nothing', () => {
    const table = MemTable.create(1024);
    let sequence = 0;
    while (put(table, sequence + 1, `key ${sequence}`, 'x'.repeat(20))) sequence++;
    const size = table.byteSize;
    const entries = forwards(table);
    assert.equal(entries.length, sequence);
    assert.equal(put(table, 1000, 'key', 'x'.repeat(2000)), false);
    assert.equal(lookup(table, 'key'), undefined);
    assert.equal(table.byteSize, size);
    assert.equal(table.entryCount, sequence);
    assert.deepEqual(forwards(table), entries);
  });

  it('stays full under repeated attempts', () => {
    const table = MemTable.create(MemTable.overheadBytes);
    for (let i = 0; i < 100; i++) {
      assert.equal(table.add(1, KIND_PUT, toBytes('k'), 0, 1, new Uint8Array(0), 0, 2 ** 30), false);
    }
    assert.equal(table.byteSize, table.capacity);
    assert.deepEqual(forwards(table), []);
  });

  it('takes one entry into a memtable made exactly for it', () => {
    for (const [keyLength, valueLength] of [
      [0, 0],
      [1, 0],
      [3, 2],
      [65_535, 100_001],
    ] as const) {
      const capacity = MemTable.overheadBytes + MemTable.entryBytes(keyLength, valueLength);
      const table = MemTable.create(capacity);
      assert.ok(put(table, 1, 'k'.repeat(keyLength), 'v'.repeat(valueLength)));
      assert.equal(lookup(table, 'k'.repeat(keyLength))?.value.length, valueLength);
    }
  });

  it('takes every entry that it said it has room for', () => {
    // Every capacity of a word's range, so that the end is met with every remainder.
    for (let capacity = 3000; capacity < 3064; capacity++) {
      const table = MemTable.create(capacity);
      let sequence = 1;
      for (; table.hasRoom(MemTable.entryBytes(5, sequence % 7)); sequence++) {
        const key = String(sequence * 7919)
          .padStart(5, '0')
          .slice(-5);
        assert.ok(put(table, sequence, key, 'v'.repeat(sequence % 7)));
      }
      assert.ok(table.byteSize <= capacity);
      assert.equal(forwards(table).length, sequence - 1);
    }
  });

  it('says that there is no room for more than is left', () => {
    const table = MemTable.create(4096);
    const left = table.capacity - table.byteSize;
    assert.equal(table.hasRoom(left), true);
    assert.equal(table.hasRoom(left + 1), false);
  });

  it('works at the far end of the largest memory', () => {
    const table = MemTable.create(2 ** 31 - 1);
    const room = 8 * MemTable.entryBytes(4, 5);
    // What is skipped is never touched, and so costs address space only.
    assert.ok(Arena.attach(table.buffer).allocate(table.capacity - table.byteSize - room - 4));
    let sequence = 1;
    while (put(table, sequence, `key${sequence % 10}`, `value`)) sequence++;
    const entries = forwards(table);
    assert.equal(entries.length, sequence - 1);
    assert.ok(entries.length >= 8);
    assert.ok(table.byteSize > 2 ** 31 - 64);
    for (const { key, sequence } of entries) assert.equal(lookup(table, key, sequence)?.value, 'value');
  });

  it('refuses a capacity without room for its own head', () => {
    for (const capacity of [0, MemTable.overheadBytes - 1, 2 ** 31, Number.NaN]) {
      assert.throws(() => MemTable.create(capacity), { code: 'LSM_INVALID_ARGUMENT' });
    }
  });

  it('takes towers into account that are a third of an entry on average, not more', () => {
    const table = MemTable.create(1 << 20);
    for (let i = 0; i < 10_000; i++) put(table, i, String(i).padStart(8, '0'), '');
    const perEntry = (table.byteSize - MemTable.overheadBytes) / 10_000;
    const towerBytes = perEntry - 16 - 8;
    assert.ok(towerBytes > 5 && towerBytes < 5.7, `4/3 words expected, got ${towerBytes} bytes`);
  });
});

describe('MemTable.reset', () => {
  it('empties the memtable and gives its room back', () => {
    const table = MemTable.create(8192);
    while (put(table, table.entryCount + 1, `old ${table.entryCount}`, 'x'.repeat(50)));
    table.reset();
    assert.equal(table.entryCount, 0);
    assert.equal(table.byteSize, MemTable.overheadBytes);
    assert.deepEqual(forwards(table), []);
    assert.equal(lookup(table, 'old 0'), undefined);
  });

  it('leaves nothing of the old entries in the new ones', () => {
    const table = MemTable.create(8192);
    for (let round = 0; round < 20; round++) {
      const expected: string[] = [];
      for (let i = 0; put(table, i, `${(i * 31 + round) % 97} ${i}`, `r${round}`); i++) {
        expected.push(`${(i * 31 + round) % 97} ${i}`);
      }
      const entries = forwards(table);
      assert.deepEqual(
        entries.map((entry) => entry.key),
        expected.sort(),
      );
      assert.ok(entries.every((entry) => entry.value === `r${round}`));
      table.reset();
    }
  });

  it('is noticed by other objects on the same memory, which forget where they last inserted', () => {
    const one = MemTable.create(8192);
    const other = MemTable.attach(one.buffer);
    for (let i = 0; i < 20; i++) put(other, i, `b${i + 10}`, 'old');
    one.reset();
    put(one, 1, 'a', 'new');
    put(one, 2, 'd', 'new');
    put(other, 3, 'c', 'new');
    assert.equal(
      forwards(one)
        .map((entry) => entry.key)
        .join(''),
      'acd',
    );
  });
});

describe('MemTable.attach', () => {
  it('shows what another object added, and adds to it', () => {
    const one = MemTable.create(65_536);
    put(one, 1, 'a', 'one');
    const other = MemTable.attach(one.buffer);
    assert.equal(lookup(other, 'a')?.value, 'one');
    put(other, 2, 'c', 'other');
    put(one, 3, 'b', 'one');
    put(other, 4, 'd', 'other');
    assert.equal(
      forwards(one)
        .map((entry) => entry.key)
        .join(''),
      'abcd',
    );
    assert.deepEqual(forwards(other), forwards(one));
    assert.equal(other.entryCount, 4);
    assert.equal(other.byteSize, one.byteSize);
  });

  it('keeps order when two objects continue sequences of their own in turns', () => {
    const one = MemTable.create(1 << 20);
    const other = MemTable.attach(one.buffer);
    const expected: string[] = [];
    for (let i = 0; i < 2000; i++) {
      const key = String(i).padStart(5, '0');
      put(one, i, `m${key}`, '');
      put(other, i, `${i % 3 === 0 ? 'm' : 'l'}${key}+`, '');
      expected.push(`m${key}`, `${i % 3 === 0 ? 'm' : 'l'}${key}+`);
    }
    assert.deepEqual(
      forwards(one).map((entry) => entry.key),
      expected.sort(),
    );
    for (const key of expected) assert.ok(lookup(other, key));
  });

  it('refuses memory in which there is no memtable', () => {
    const arena = Arena.create(4096);
    assert.throws(() => MemTable.attach(arena.buffer), { code: 'LSM_INTERNAL' });
    assert.throws(() => MemTable.attach(new ArrayBuffer(4096)), { code: 'LSM_INTERNAL' });
  });
});

describe('a runtime without shared memory', () => {
  it('gets a memtable in plain memory that does the same', () => {
    const shared = globalThis.SharedArrayBuffer;
    Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
    let table: MemTable;
    try {
      table = MemTable.create(65_536);
    } finally {
      Object.defineProperty(globalThis, 'SharedArrayBuffer', {
        value: shared,
        configurable: true,
        writable: true,
      });
    }
    assert.ok(table.buffer instanceof ArrayBuffer);
    for (const key of ['c', 'a', 'd', 'b']) put(table, 1, key, `v${key}`);
    remove(table, 2, 'c');
    const other = MemTable.attach(table.buffer);
    assert.equal(
      forwards(other)
        .map((entry) => entry.key)
        .join(''),
      'abccd',
    );
    assert.equal(backwards(other).length, 5);
    assert.equal(lookup(other, 'c')?.kind, KIND_DELETE);
    table.reset();
    assert.deepEqual(forwards(other), []);
  });

  it('is the only case: memory is shared elsewhere', () => {
    assert.ok(MemTable.create(4096).buffer instanceof SharedArrayBuffer);
  });
});
