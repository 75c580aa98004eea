/** The memtable against a sorted array that is given the same entries. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KIND_DELETE, KIND_PUT } from '../../src/keys/internal-key.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import { checkProperty } from '../support/property.ts';
import {
  backwards,
  byInternalOrder,
  current,
  type Entry,
  forwards,
  lookup,
  put,
  remove,
  toBytes,
} from './support.ts';

// Few letters and lengths, so that equal keys, prefixes and long common beginnings are frequent.
const letters = fc.constantFrom('\x00', '\x01', 'a', 'b', '\xff');
const key = fc.oneof(
  fc.array(letters, { maxLength: 4 }).map((parts) => parts.join('')),
  fc.array(letters, { maxLength: 3 }).map((parts) => `a long common beginning ${parts.join('')}`),
  fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0')),
);
const additions = fc.array(
  fc.record({
    key,
    tombstone: fc.boolean(),
    value: fc.string({ unit: 'binary-ascii', maxLength: 120 }),
    writer: fc.integer({ min: 0, max: 2 }),
    /** Sequences are dealt in this order, so that versions come in any order. */
    rank: fc.double({ noNaN: true }),
  }),
  { maxLength: 250 },
);
const probes = fc.array(fc.record({ key, sequence: fc.integer({ min: 0, max: 260 }) }), { maxLength: 50 });

describe('a memtable and a sorted array', () => {
  it('hold the same entries in the same order and give the same answers', () => {
    const table = MemTable.create(1 << 20);
    const writers = [table, MemTable.attach(table.buffer), MemTable.attach(table.buffer)];

    checkProperty(
      fc.property(additions, probes, (added, probed) => {
        table.reset();
        const ranks = added.map((_, i) => i).sort((a, b) => added[a].rank - added[b].rank);
        const model: Entry[] = added.map((entry, i) => ({
          key: entry.key,
          sequence: ranks[i] + 1,
          kind: entry.tombstone ? KIND_DELETE : KIND_PUT,
          value: entry.tombstone ? '' : entry.value,
        }));
        model.forEach((entry, i) => {
          const writer = writers[added[i].writer];
          if (entry.kind === KIND_DELETE) assert.ok(remove(writer, entry.sequence, entry.key));
          else assert.ok(put(writer, entry.sequence, entry.key, entry.value));
        });
        model.sort(byInternalOrder);

        assert.equal(table.entryCount, model.length);
        assert.deepEqual(forwards(table), model);
        assert.deepEqual(backwards(table), model.toReversed());

        const cursor = table.cursor();
        for (const probe of [...probed, ...model]) {
          const target = { ...probe, kind: 0, value: '' };
          const at = model.findIndex((entry) => byInternalOrder(entry, target) >= 0);
          const found = at < 0 ? undefined : model[at];
          cursor.seek(toBytes(probe.key), 0, probe.key.length, probe.sequence);
          assert.deepEqual(current(cursor), found);
          const answer = found?.key === probe.key ? found : undefined;
          assert.deepEqual(lookup(table, probe.key, probe.sequence), answer);
        }
      }),
      150,
    );
  });
});
