/** What must be true of a memtable when its threads have come to rest. */
import assert from 'node:assert/strict';
import { ARENA_HEADER_WORDS, HEIGHT_WORD } from '../../../src/memtable/arena.ts';
import { MemTable } from '../../../src/memtable/mem-table.ts';
import { NODE_SIZES, TOWER } from '../../../src/memtable/node.ts';
import { type Done, type Entry, inOrder, NO_ROOM, perform, shown } from './operations.ts';

/** Where the list begins. */
const HEAD: number = ARENA_HEADER_WORDS;

export function assertWhole(
  buffer: ArrayBuffer | SharedArrayBuffer,
  entries: readonly Entry[],
  done: readonly Done[],
): void {
  const table = MemTable.attach(buffer);
  const expected = entries.toSorted(inOrder).map(({ text }) => text);
  const cursor = table.cursor();
  const upwards: string[] = [];
  for (cursor.seekToFirst(); cursor.valid; cursor.next()) upwards.push(shown(cursor));
  assert.deepEqual(upwards, expected, 'a walk shows what was added');
  const downwards: string[] = [];
  for (cursor.seekToLast(); cursor.valid; cursor.prev()) downwards.push(shown(cursor));
  assert.deepEqual(downwards.reverse(), expected, 'and backwards');
  for (const { key, sequence, text } of entries) {
    assert.equal(perform(table, cursor, { kind: 'get', key, sequence }), text, 'each is found');
  }
  assert.equal(table.entryCount, entries.length, 'each is counted');
  assertTowers(new Int32Array(buffer));
  assertRoom(table, done);
}

/** Each level holds the nodes that are tall enough for it, in the order of the lowest. */
function assertTowers(words: Int32Array): void {
  const nodes = nodesOf(words, 0);
  const heights = nodes.map((node) => words[node + NODE_SIZES] >>> 16);
  const top = Math.max(1, ...heights);
  assert.equal(words[HEIGHT_WORD], top, 'the list is as high as its highest tower');
  for (let level = 1; level < top; level++) {
    const tall = nodes.filter((_, i) => heights[i] > level);
    assert.deepEqual(nodesOf(words, level), tall, `level ${level} is complete`);
  }
}

function nodesOf(words: Int32Array, level: number): number[] {
  const nodes: number[] = [];
  for (let node = words[HEAD + TOWER + level]; node !== 0; node = words[node + TOWER + level]) {
    nodes.push(node);
    assert.ok(nodes.length <= words.length, `level ${level} comes to its end`);
  }
  return nodes;
}

function assertRoom(table: MemTable, done: readonly Done[]): void {
  assert.ok(table.byteSize <= table.capacity, 'the memory is kept to');
  for (const { operation, outcome } of done) {
    if (operation.kind !== 'add' || outcome !== NO_ROOM) continue;
    const most = MemTable.entryBytes(operation.key.length, operation.value?.length ?? 0);
    assert.equal(table.hasRoom(most), false, 'what found no room would find none now');
  }
}
