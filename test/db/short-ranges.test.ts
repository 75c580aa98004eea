/** Cursors that come and go: what one leaves to the next, and what it leaves out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DbCursor, MemoryFileSystem, MiniLsm } from '../../src/index.ts';
import { checkProperty } from '../support/property.ts';

const keyOf = (at: number): string => `key ${at}`.repeat(1 + (at % 3) * 40);

test('a cursor takes over the key array of a closed one, and never that of an open one', () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  for (let i = 0; i < 30; i++) db.put(keyOf(i), 'v');
  const open: { readonly cursor: DbCursor; readonly at: number }[] = [];
  const begin = (at: number): void => {
    const cursor = db.cursor();
    assert.ok(cursor.seek(keyOf(at)));
    open.push({ cursor, at });
  };
  for (let i = 0; i < 30; i++) {
    begin(i);
    if (i % 2 === 1) {
      const [{ cursor }] = open.splice(i % open.length, 1);
      cursor.close();
      cursor.close();
    }
    for (const { cursor, at } of open) assert.equal(Buffer.from(cursor.key).toString(), keyOf(at));
  }
  for (const { cursor } of open) cursor.close();
  begin(0);
  const array = open.at(-1)?.cursor.key.buffer;
  open.at(-1)?.cursor.close();
  begin(3);
  assert.equal(open.at(-1)?.cursor.key.buffer, array);
  db.close();
});

test('a cursor made when the memtable was empty sees nothing that is written later', () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  const first = db.cursor();
  db.put('b', 'v');
  assert.equal(first.first(), false);
  db.flush();
  const second = db.cursor();
  db.put('a', 'v');
  db.delete('b');
  assert.equal(first.last(), false);
  assert.ok(second.first());
  assert.equal(Buffer.from(second.key).toString(), 'b');
  assert.equal(second.next(), false);
  assert.equal(second.seekBack('a'), false);
  db.close();
});

const numbers = fc.nat(99);
type Step =
  | { readonly kind: 'put' | 'delete'; readonly at: number }
  | { readonly kind: 'flush' | 'compact' | 'close' }
  | { readonly kind: 'scan' | 'open'; readonly from: number; readonly to: number; readonly reverse: boolean };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constantFrom('put' as const, 'delete' as const), at: numbers }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('flush' as const, 'compact' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom('scan' as const, 'open' as const),
        from: numbers,
        to: numbers,
        reverse: fc.boolean(),
      }),
    },
  ),
  { minLength: 20, maxLength: 120 },
);

test('ranges one after the other and within one another show what was there when they began', () => {
  const name = (at: number): string => `key ${String(at).padStart(3, '0')}`;
  checkProperty(
    fc.property(steps, (walk) => {
      const db = MiniLsm.open('/db', {
        fileSystem: new MemoryFileSystem(),
        background: 'inline',
        blockBytes: 256,
        tableBytes: 1024,
        l0CompactionFiles: 3,
      });
      const model = new Map<number, number>();
      const open: { readonly cursor: DbCursor; readonly expected: string[] }[] = [];
      const drain = (cursor: DbCursor): string[] => {
        const seen: string[] = [];
        for (let more = cursor.first(); more; more = cursor.next()) {
          seen.push(`${Buffer.from(cursor.key)}=${Buffer.from(cursor.value)}`);
        }
        return seen;
      };
      for (const [index, step] of walk.entries()) {
        if ('at' in step) {
          if (step.kind === 'put') db.put(name(step.at), `${index}`);
          else db.delete(name(step.at));
          if (step.kind === 'put') model.set(step.at, index);
          else model.delete(step.at);
        } else if ('from' in step) {
          const range = { gte: name(step.from), lte: name(step.to) };
          const expected = [...model]
            .sort(([a], [b]) => a - b)
            .filter(([at]) => at >= step.from && at <= step.to)
            .map(([at, written]) => `${name(at)}=${written}`);
          if (step.kind === 'open') open.push({ cursor: db.cursor(range), expected });
          else {
            const seen = [...db.scan({ ...range, reverse: step.reverse })];
            const shown = seen.map(([key, value]) => `${Buffer.from(key)}=${Buffer.from(value)}`);
            assert.deepEqual(shown, step.reverse ? expected.reverse() : expected);
          }
        } else if (step.kind === 'close') {
          const oldest = open.shift();
          if (oldest === undefined) continue;
          assert.deepEqual(drain(oldest.cursor), oldest.expected);
          oldest.cursor.close();
        } else db[step.kind]();
      }
      for (const { cursor, expected } of open) assert.deepEqual(drain(cursor), expected);
      db.close();
    }),
    150,
  );
});
