import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GarbageRules, type OlderRuns } from '../../src/compaction/garbage.ts';
import { KIND_DELETE, KIND_PUT } from '../../src/keys/internal-key.ts';
import { checkProperty } from '../support/property.ts';
import { key } from '../version/table-fixture.ts';

interface Entry {
  readonly key: string;
  readonly sequence: number;
  readonly kind: number;
}

/** Entries as text: `k@7` is a put, `k@7!` a tombstone. */
function parse(text: string): Entry[] {
  return text.split(' ').map((word) => {
    const match = /^(\w+)@(\d+)(!?)$/.exec(word);
    assert.ok(match, word);
    return { key: match[1], sequence: Number(match[2]), kind: match[3] === '!' ? KIND_DELETE : KIND_PUT };
  });
}

function show(entries: readonly Entry[]): string {
  return entries.map((e) => `${e.key}@${e.sequence}${e.kind === KIND_DELETE ? '!' : ''}`).join(' ');
}

function kept(
  entries: readonly Entry[],
  snapshots: readonly number[],
  older: OlderRuns | undefined,
): Entry[] {
  const rules = new GarbageRules(snapshots, older);
  return entries.filter((entry) => {
    const bytes = key(entry.key);
    return rules.keep(bytes, 0, bytes.length, entry.sequence, entry.kind);
  });
}

function ranges(...pairs: readonly (readonly [string, string])[]): OlderRuns[number] {
  return pairs.map(([smallest, largest]) => ({ smallest: key(smallest), largest: key(largest) }));
}

const keeps = (text: string, snapshots: number[], older: OlderRuns | undefined): string =>
  show(kept(parse(text), snapshots, older));

test('without snapshots only the newest version of a key is kept', () => {
  assert.equal(keeps('a@9 a@5 a@1 b@2', [], []), 'a@9 b@2');
});

test('a snapshot between two versions keeps both', () => {
  assert.equal(keeps('a@9 a@5', [7], []), 'a@9 a@5');
});

test('a snapshot sees the version of its own sequence', () => {
  assert.equal(keeps('a@9 a@5', [5], []), 'a@9 a@5');
  assert.equal(keeps('a@9 a@5', [9], []), 'a@9');
  assert.equal(keeps('a@9 a@5', [4], []), 'a@9');
});

test('of the versions between two snapshots the newest is kept', () => {
  assert.equal(keeps('a@9 a@8 a@6 a@5 a@3 a@2', [4, 7], []), 'a@9 a@6 a@3');
});

test('a tombstone with nothing below it goes, and takes what it hides with it', () => {
  assert.equal(keeps('a@9! a@5 b@3', [], []), 'b@3');
});

test('a tombstone that a snapshot does not see stays', () => {
  assert.equal(keeps('a@9! a@5', [7], []), 'a@9! a@5');
  assert.equal(keeps('a@9! a@5', [8], []), 'a@9! a@5');
  assert.equal(keeps('a@9! a@5', [9], []), '');
});

test('a tombstone with an older version below the merge stays, and still hides those inside', () => {
  assert.equal(keeps('a@9! a@5', [], [ranges(['a', 'c'])]), 'a@9!');
  assert.equal(keeps('b@9!', [], [ranges(['a', 'c'])]), 'b@9!');
  assert.equal(keeps('c@9!', [], [ranges(['a', 'c'])]), 'c@9!');
  assert.equal(keeps('d@9!', [], [ranges(['a', 'c'])]), '');
});

test('the bounds of a range below count whatever the sequences are: the tombstone that ends one file while the old value starts the next', () => {
  assert.equal(keeps('j@9! k@9!', [], [ranges(['k', 'z'])]), 'k@9!');
});

test('every run below is looked at', () => {
  const older = [ranges(['a', 'b'], ['x', 'z']), ranges(['g', 'h']), ranges(['c', 'c'])];
  assert.equal(keeps('a@9! c@9! d@9! g@9! i@9! y@9!', [], older), 'a@9! c@9! g@9! y@9!');
});

test('a flush keeps its tombstones, without the versions that they hide', () => {
  assert.equal(keeps('a@9! a@5 b@3!', [], undefined), 'a@9! b@3!');
});

test('a key that is the prefix of another one is another key', () => {
  assert.equal(keeps('a@9 aa@5 ab@3', [], []), 'a@9 aa@5 ab@3');
});

test('the empty key is a key', () => {
  const rules = new GarbageRules([], []);
  const empty = new Uint8Array(0);
  assert.equal(rules.keep(empty, 0, 0, 9, KIND_PUT), true);
  assert.equal(rules.keep(empty, 0, 0, 5, KIND_PUT), false);
  assert.equal(rules.keyOrdinal, 1);
});

test('after a reset the rules start over', () => {
  const rules = new GarbageRules([], [ranges(['a', 'b'])]);
  const once = (): boolean[] =>
    parse('a@9! z@9!').map(({ key: text, sequence, kind }) => rules.keep(key(text), 0, 1, sequence, kind));
  assert.deepEqual(once(), [true, false]);
  rules.reset();
  assert.deepEqual(once(), [true, false]);
});

/** Distinct sequences, a handful of keys, in internal order. */
const anyEntries: fc.Arbitrary<Entry[]> = fc
  .array(fc.record({ key: fc.constantFrom('a', 'b', 'bb', 'c'), put: fc.boolean() }), { maxLength: 25 })
  .chain((writes) =>
    fc
      .shuffledSubarray(
        Array.from({ length: 30 }, (_, i) => i + 1),
        { minLength: writes.length, maxLength: writes.length },
      )
      .map((sequences) =>
        writes.map((write, i) => ({
          key: write.key,
          sequence: sequences[i],
          kind: write.put ? KIND_PUT : KIND_DELETE,
        })),
      ),
  )
  .map((entries) =>
    entries.sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : y.sequence - x.sequence)),
  );
const anySnapshots = fc
  .uniqueArray(fc.integer({ min: 0, max: 32 }), { maxLength: 5 })
  .map((snapshots) => snapshots.sort((a, b) => a - b));

/** What a reader at `sequence` gets for a key: the sequence of the put it sees, or nothing. */
function read(entries: readonly Entry[], name: string, sequence: number): number | undefined {
  const newest = entries.find((entry) => entry.key === name && entry.sequence <= sequence);
  return newest?.kind === KIND_PUT ? newest.sequence : undefined;
}

const KEYS = ['a', 'b', 'bb', 'c'];
const PRESENT = 100;

test('what every snapshot and the present read is the same before and after', () => {
  checkProperty(
    fc.property(anyEntries, anySnapshots, (entries, snapshots) => {
      const after = kept(entries, snapshots, []);
      for (const sequence of [...snapshots, PRESENT]) {
        for (const name of KEYS) assert.equal(read(after, name, sequence), read(entries, name, sequence));
      }
    }),
    2000,
  );
});

test('the same holds when older versions lie below', () => {
  // All of the older entries have sequences below all of the newer ones, as in a tree.
  const shift = (entries: readonly Entry[]): Entry[] =>
    entries.map((e) => ({ ...e, sequence: e.sequence + 40 }));
  checkProperty(
    fc.property(anyEntries, anyEntries, anySnapshots, fc.boolean(), (upper, lower, low, shifted) => {
      const newer = shift(upper);
      const snapshots = shifted ? low.map((sequence) => sequence + 40) : low;
      const older = lower.length === 0 ? [] : [ranges([lower[0].key, lower[lower.length - 1].key])];
      const after = kept(newer, snapshots, older);
      for (const sequence of [...snapshots, PRESENT]) {
        for (const name of KEYS) {
          const visible = (entries: readonly Entry[]): number | undefined =>
            read([...entries, ...lower], name, sequence);
          assert.equal(visible(after), visible(newer));
        }
      }
    }),
    2000,
  );
});

test('nothing is kept that no reader needs, with nothing below', () => {
  checkProperty(
    fc.property(anyEntries, anySnapshots, (entries, snapshots) => {
      const readers = [...snapshots, PRESENT];
      for (const entry of kept(entries, snapshots, [])) {
        const seenBy = readers.filter(
          (sequence) =>
            entries.find((e) => e.key === entry.key && e.sequence <= sequence)?.sequence === entry.sequence,
        );
        assert.ok(seenBy.length > 0, `${show([entry])} is the newest for nobody`);
        // A tombstone is only of use above a snapshot that may still see something older.
        const oldest = snapshots[0] ?? PRESENT;
        assert.ok(entry.kind === KIND_PUT || entry.sequence > oldest, `${show([entry])} hides nothing`);
      }
    }),
    2000,
  );
});

test('keys are counted', () => {
  checkProperty(
    fc.property(anyEntries, (entries) => {
      const rules = new GarbageRules([], []);
      for (const { key: text, sequence, kind } of entries)
        rules.keep(key(text), 0, text.length, sequence, kind);
      assert.equal(rules.keyOrdinal, new Set(entries.map((entry) => entry.key)).size);
    }),
  );
});
