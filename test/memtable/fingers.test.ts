/** Fingers alone against a sorted array, and in a memtable that is large enough to have dropped most of its nodes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KIND_PUT, MAX_SEQUENCE, trailerHigh, trailerLow } from '../../src/keys/internal-key.ts';
import { ARENA_HEADER_BYTES, Arena } from '../../src/memtable/arena.ts';
import { Fingers } from '../../src/memtable/fingers.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import {
  HEAD,
  MAX_HEIGHT,
  nodeBytes,
  nodeHeight,
  nodeKeyLength,
  nodeKeyStart,
  nodeSequence,
  writeNodeHeader,
} from '../../src/memtable/node.ts';
import { checkProperty } from '../support/property.ts';
import { byInternalOrder, type Entry, forwards, lookup, put, toBytes, toText } from './support.ts';

const LIMIT = 8;

interface Added {
  readonly key: string;
  readonly sequence: number;
  readonly height: number;
}

/** An arena whose first allocation, where the head of the list would be, is made. */
function emptyArena(): Arena {
  const arena = Arena.create(ARENA_HEADER_BYTES + 16_384);
  assert.equal(arena.allocate(nodeBytes(MAX_HEIGHT, 0)), HEAD);
  return arena;
}

/** A node as an insertion makes it. */
function makeNode(arena: Arena, { key, sequence, height }: Added): number {
  const node = arena.allocate(nodeBytes(height, key.length));
  const low = trailerLow(sequence, KIND_PUT);
  writeNodeHeader(arena.words, node, low, trailerHigh(sequence), height, key.length, 0);
  arena.bytes.set(toBytes(key), nodeKeyStart(arena.words, node));
  return node;
}

function describeNode({ words, bytes }: Arena, node: number): Added {
  const key = toText(bytes, nodeKeyStart(words, node), nodeKeyLength(words, node));
  return { key, sequence: nodeSequence(words, node), height: nodeHeight(words, node) };
}

function before(a: { key: string; sequence: number }, b: { key: string; sequence: number }): boolean {
  return a.key < b.key || (a.key === b.key && a.sequence > b.sequence);
}

const part = fc.constantFrom('', '\x00', 'a', 'ab', '\xff', 'six by');
const key = fc
  .tuple(fc.constantFrom('', 'common ', 'common beginning '), part, part, part)
  .map((p) => p.join(''));
const version = fc.record({ key, sequence: fc.integer({ min: 0, max: 3 }) });

describe('fingers', () => {
  it('find the neighbours of a key among the nodes that they keep', () => {
    const addition = fc.record({ key, height: fc.integer({ min: 1, max: 4 }) });
    checkProperty(
      fc.property(fc.array(addition, { maxLength: 40 }), fc.array(version), (additions, probes) => {
        const arena = emptyArena();
        const fingers = new Fingers(arena, LIMIT);
        const versions = additions.map((addition, sequence) => ({ ...addition, sequence }));
        for (const added of versions) fingers.add(makeNode(arena, added));
        const kept = versions.filter(({ height }) => height >= fingers.height);
        assert.ok(fingers.count <= LIMIT);
        for (const probe of [...probes, ...versions]) {
          fingers.seek(toBytes(probe.key), 0, probe.key.length, probe.sequence);
          const { node, bound, shared, exact } = fingers;
          assert.equal(fingers.count, kept.length);
          assert.ok(node === HEAD || before(describeNode(arena, node), probe));
          assert.ok(bound === 0 || !before(describeNode(arena, bound), probe));
          for (const other of kept) {
            if (before(other, probe)) assert.ok(node !== HEAD && !before(describeNode(arena, node), other));
            else assert.ok(bound !== 0 && !before(other, describeNode(arena, bound)));
          }
          const found = bound === 0 ? undefined : describeNode(arena, bound);
          assert.equal(exact, found?.key === probe.key && found.sequence === probe.sequence);
          if (shared > 0) assert.equal(found?.key.slice(0, shared), probe.key.slice(0, shared));
        }
      }),
    );
  });

  it('drop the lower nodes when they are too many, and none before', () => {
    const arena = emptyArena();
    const fingers = new Fingers(arena, 4);
    for (const [i, height] of [1, 2, 1, 3].entries())
      fingers.add(makeNode(arena, { key: `k${i}`, sequence: 1, height }));
    assert.deepEqual([fingers.count, fingers.height], [4, 1]);

    fingers.add(makeNode(arena, { key: 'k9', sequence: 1, height: 1 }));
    assert.deepEqual([fingers.count, fingers.height], [2, 2], 'too low to be taken in by now');
    fingers.add(makeNode(arena, { key: 'k2', sequence: 2, height: 2 }));
    assert.deepEqual([fingers.count, fingers.height], [3, 2]);

    fingers.seek(toBytes('k2'), 0, 2, MAX_SEQUENCE);
    assert.equal(describeNode(arena, fingers.node).key, 'k1');
    assert.deepEqual(describeNode(arena, fingers.bound), { key: 'k2', sequence: 2, height: 2 });
  });

  it('stay within their limit when all nodes are as tall as can be', () => {
    const arena = emptyArena();
    const fingers = new Fingers(arena, 4);
    for (let i = 0; i < 9; i++) fingers.add(makeNode(arena, { key: `k${i}`, sequence: 1, height: 12 }));
    assert.ok(fingers.count <= 4);
    fingers.seek(toBytes('k5'), 0, 2, MAX_SEQUENCE);
    assert.ok(before(describeNode(arena, fingers.node), { key: 'k5', sequence: MAX_SEQUENCE }));
  });
});

describe('a memtable of many entries', () => {
  const COUNT = 12_000;
  const scattered = (i: number): number => (i * 7919) % COUNT;
  const kinds: { readonly [name: string]: (i: number) => string } = {
    'decimal digits': (i) => String(scattered(i)).padStart(16, '0'),
    'parts that all begin alike': (i) => `tenant ${i % 2}: a long part in the middle ${scattered(i)}`,
    'less and less in common': (i) => 'x'.repeat(Math.max(0, 40 - Math.floor(i / 100))) + scattered(i),
    'few keys with many versions': (i) => `k${i % 3}`,
    'short keys': (i) => String.fromCharCode(...[i % 7, i % 11, i % 13].slice(0, i % 4)),
  };
  for (const [name, keyOf] of Object.entries(kinds)) {
    it(`keeps them in order and finds them: ${name}`, () => {
      const table = MemTable.create(8 << 20);
      const writers = [table, table, table, MemTable.attach(table.buffer)];
      const entries: Entry[] = [];
      for (let round = 0; round < 2; round++) {
        table.reset();
        entries.length = 0;
        for (let i = 0; i < COUNT; i++) {
          const entry = { key: keyOf(i), sequence: i + 1, kind: KIND_PUT, value: `v${i}` };
          assert.ok(put(writers[i % 4], entry.sequence, entry.key, entry.value));
          entries.push(entry);
        }
      }
      for (let i = 0; i < COUNT; i += 17) {
        assert.equal(lookup(table, entries[i].key, entries[i].sequence)?.value, entries[i].value);
        assert.throws(() => put(table, entries[i].sequence, entries[i].key, ''), { code: 'LSM_INTERNAL' });
      }
      assert.deepEqual(forwards(table), entries.sort(byInternalOrder));
    });
  }
});
