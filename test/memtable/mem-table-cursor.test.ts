import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cursor } from '../../src/cursor/cursor.ts';
import { KIND_DELETE, KIND_PUT, MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import { current, put, remove, toBytes } from './support.ts';

function seek(cursor: Cursor, key: string, sequence = MAX_SEQUENCE): string {
  cursor.seek(toBytes(key), 0, key.length, sequence);
  return name(cursor);
}

function name(cursor: Cursor): string {
  const entry = current(cursor);
  return entry === undefined ? 'none' : `${entry.key}@${entry.sequence}`;
}

/** b@5 b@3 d@4 f@1, the b@3 a tombstone. */
function sample(): MemTable {
  const table = MemTable.create(65_536);
  put(table, 5, 'b', 'five');
  put(table, 4, 'd', 'four');
  put(table, 1, 'f', '');
  remove(table, 3, 'b');
  return table;
}

describe('MemTableCursor', () => {
  it('stands nowhere at first', () => {
    assert.equal(sample().cursor().valid, false);
  });

  it('seeks to the first entry at or after a version', () => {
    const cursor = sample().cursor();
    assert.equal(seek(cursor, ''), 'b@5');
    assert.equal(seek(cursor, 'b'), 'b@5');
    assert.equal(seek(cursor, 'b', 5), 'b@5');
    assert.equal(seek(cursor, 'b', 4), 'b@3');
    assert.equal(seek(cursor, 'b', 3), 'b@3');
    assert.equal(seek(cursor, 'b', 2), 'd@4');
    assert.equal(seek(cursor, 'c'), 'd@4');
    assert.equal(seek(cursor, 'f', 1), 'f@1');
    assert.equal(seek(cursor, 'f', 0), 'none');
    assert.equal(seek(cursor, 'g'), 'none');
  });

  it('seeks by a range of a larger array', () => {
    const cursor = sample().cursor();
    cursor.seek(toBytes('xxdxx'), 2, 1, MAX_SEQUENCE);
    assert.equal(name(cursor), 'd@4');
  });

  it('steps on and back from wherever it stands', () => {
    const cursor = sample().cursor();
    seek(cursor, 'c');
    cursor.prev();
    assert.equal(name(cursor), 'b@3');
    cursor.prev();
    assert.equal(name(cursor), 'b@5');
    cursor.next();
    cursor.next();
    assert.equal(name(cursor), 'd@4');
  });

  it('leaves the list at either end', () => {
    const cursor = sample().cursor();
    cursor.seekToFirst();
    assert.equal(name(cursor), 'b@5');
    cursor.prev();
    assert.equal(cursor.valid, false);
    cursor.seekToLast();
    assert.equal(name(cursor), 'f@1');
    cursor.next();
    assert.equal(cursor.valid, false);
  });

  it('can be placed again after it has left the list', () => {
    const cursor = sample().cursor();
    cursor.seekToLast();
    cursor.next();
    assert.equal(seek(cursor, 'a'), 'b@5');
  });

  it('shows kind and value, a tombstone with an empty one', () => {
    const cursor = sample().cursor();
    cursor.seekToFirst();
    assert.deepEqual(current(cursor), { key: 'b', sequence: 5, kind: KIND_PUT, value: 'five' });
    cursor.next();
    assert.deepEqual(current(cursor), { key: 'b', sequence: 3, kind: KIND_DELETE, value: '' });
  });

  it('points into the memory of the memtable, where keys and values stay after it moves', () => {
    const table = sample();
    const cursor = table.cursor();
    cursor.seekToFirst();
    assert.equal(cursor.key.buffer, table.buffer);
    assert.equal(cursor.value.buffer, table.buffer);
    const { key, keyStart, value, valueStart } = cursor;
    cursor.seekToLast();
    assert.equal(key[keyStart], 'b'.charCodeAt(0));
    assert.equal(value[valueStart], 'f'.charCodeAt(0));
  });

  it('meets entries that were added behind it, and on the way back those before it', () => {
    const table = sample();
    const cursor = table.cursor();
    seek(cursor, 'd');
    put(table, 9, 'c', '');
    put(table, 9, 'e', '');
    cursor.next();
    assert.equal(name(cursor), 'e@9');
    cursor.prev();
    cursor.prev();
    assert.equal(name(cursor), 'c@9');
  });

  it('is independent of the other cursors of the same memtable', () => {
    const table = sample();
    const one = table.cursor();
    const other = table.cursor();
    one.seekToFirst();
    other.seekToLast();
    one.next();
    other.prev();
    assert.equal(name(one), 'b@3');
    assert.equal(name(other), 'd@4');
  });

  it('is invalid once closed', () => {
    const cursor = sample().cursor();
    cursor.seekToFirst();
    cursor.close();
    cursor.close();
    assert.equal(cursor.valid, false);
  });
});
