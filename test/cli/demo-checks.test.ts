import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { type TestContext, test } from 'node:test';
import { expectGets, expectScan, type KeyValue } from '../../src/cli/demo/compare.ts';
import { checkCrashPoint } from '../../src/cli/demo/crash-point.ts';
import { writePlan } from '../../src/cli/demo/write-plan.ts';
import { MemoryFileSystem, MiniLsm } from '../../src/index.ts';

const RECORDS = records('a', 'b', 'c');

function records(...keys: string[]): KeyValue[] {
  return keys.map((key) => ({ key: Buffer.from(key), value: Buffer.from(key.toUpperCase()) }));
}

function databaseOf(context: TestContext, entries: Record<string, string>): MiniLsm {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  context.after(() => db.close());
  for (const [key, value] of Object.entries(entries)) db.put(key, value);
  return db;
}

test('the right records pass, by scan in either direction and by key', (context) => {
  const db = databaseOf(context, { a: 'A', b: 'B', c: 'C' });
  assert.equal(expectScan(db, {}, RECORDS, 'scan'), 3);
  assert.equal(expectScan(db, { reverse: true }, [...RECORDS].reverse(), 'scan'), 3);
  expectGets(db, RECORDS, 'get');
});

for (const [what, entries, scanMessage, getMessage] of [
  ['a record is missing', { a: 'A', c: 'C' }, /record 1 is "c" and should be "b"/, /"b" is missing/],
  ['the last record is missing', { a: 'A', b: 'B' }, /3 records should be there and 2 are/, /"c" is missing/],
  ['a value is another', { a: 'A', b: '?', c: 'C' }, /"b" has another value/, /"b" has another value/],
  [
    'there is one too many',
    { a: 'A', b: 'B', c: 'C', d: 'D' },
    /"d" follows where nothing should/,
    undefined,
  ],
] as const) {
  test(`the demo notices that ${what}`, (context) => {
    const db = databaseOf(context, entries);
    assert.throws(() => expectScan(db, {}, RECORDS, 'scan'), scanMessage);
    if (getMessage !== undefined) assert.throws(() => expectGets(db, RECORDS, 'get'), getMessage);
  });
}

test('the demo notices a lost record, half a batch, and more than the write in flight', () => {
  const plan = [...writePlan(5, 1000)];
  const position = plan.findIndex(({ start, end }, index) => index > 3 && end - start > 2);
  const { start, end } = plan[position];
  checkCrashPoint(5, 1000, start, start);
  checkCrashPoint(5, 1000, start, end);
  assert.throws(() => checkCrashPoint(5, 1000, start, start - 1), /were acknowledged and only/);
  assert.throws(() => checkCrashPoint(5, 1000, start, start + 1), /are possible/);
  assert.throws(() => checkCrashPoint(5, 1000, start, plan[position + 1].end), /are possible/);
  assert.throws(() => checkCrashPoint(5, 1000, start + 1, end), /no write of the plan/);
});

test('the plan covers every record once and in order', () => {
  let next = 0;
  for (const { start, end } of writePlan(9, 777)) {
    assert.equal(start, next);
    assert.ok(end > start);
    next = end;
  }
  assert.equal(next, 777);
});
