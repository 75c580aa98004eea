import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJsonArray } from '../../src/cli/records/json-array.ts';
import type { SourceRecord } from '../../src/cli/records/source-record.ts';
import { inPieces } from './pieces.ts';

async function read(text: string, pieceBytes = 7): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const record of readJsonArray(inPieces(Buffer.from(text), pieceBytes))) records.push(record);
  return records;
}

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('any array of objects is read back element by element, however it is cut and indented', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom(0, 2, '\t'),
      async (objects, pieceBytes, indent) => {
        const records = await read(JSON.stringify(objects, null, indent), pieceBytes);
        assert.deepEqual(
          records.map((record) => (record.kind === 'record' ? record.json : record.problem)),
          objects.map((object) => JSON.stringify(JSON.parse(JSON.stringify(object)))),
        );
      },
    ),
    { seed, numRuns: 100 },
  );
});

test('a record is numbered by the line it starts on', async () => {
  const records = await read('[\n {"a":1},\n\n {\n "a":2},\n {"a":3}]');
  assert.deepEqual(
    records.map((record) => record.line),
    [2, 4, 6],
  );
});

test('a number that a double cannot hold keeps its digits', async () => {
  const [record] = await read('[{"id": 12345678901234567890}]');
  assert.equal(record.kind === 'record' && record.json, '{"id":12345678901234567890}');
});

test('an empty array holds no record', async () => {
  assert.deepEqual(await read(' [ ] '), []);
});

test('white space within a number does not make it another number', async () => {
  const [record] = await read('[{"a":1 2}]');
  assert.equal(record.kind, 'bad');
});

for (const [what, text, kinds] of [
  ['a value that is no object', '[1, {"a":1}, [], null]', ['bad', 'record', 'bad', 'bad']],
  ['an element with a syntax error', '[{"a":}, {"a":1}]', ['bad', 'record']],
  ['nothing between two commas', '[{"a":1},,{"a":2}]', ['record', 'bad', 'record']],
  ['a comma before the bracket', '[{"a":1},]', ['record', 'bad']],
] as const) {
  test(`${what} is a bad record and the others are read`, async () => {
    assert.deepEqual(
      (await read(text)).map((record) => record.kind),
      kinds,
    );
  });
}

for (const [what, text, message] of [
  ['no array', '{"a":1}', /line 1: expected a JSON array/],
  ['nothing at all', '', /line 1: expected a JSON array/],
  ['an array that is not closed', '[{"a":1}\n,', /line 2: the input ends within/],
  ['something after the array', '[]\n\nx', /line 3: something follows/],
] as const) {
  test(`input with ${what} cannot be read`, async () => {
    await assert.rejects(read(text), message);
  });
}

test('input that is not UTF-8 cannot be read', async () => {
  const bytes = Buffer.from('[{"a":"\n\xff"}]', 'latin1');
  await assert.rejects(async () => {
    for await (const _ of readJsonArray(inPieces(bytes, 9))) assert.ok(true);
  }, /not valid UTF-8/);
});
