import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJsonl } from '../../src/cli/records/jsonl.ts';
import type { SourceRecord } from '../../src/cli/records/source-record.ts';
import { inPieces } from './pieces.ts';

async function read(bytes: Uint8Array, pieceBytes = 5): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const record of readJsonl(inPieces(bytes, pieceBytes))) records.push(record);
  return records;
}

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('any objects are read back line by line, however the input is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom('\n', '\r\n'),
      async (objects, pieceBytes, newline) => {
        const lines = objects.map((object) => JSON.stringify(object));
        const records = await read(Buffer.from(lines.join(newline)), pieceBytes);
        assert.deepEqual(
          records.map((record) => (record.kind === 'record' ? record.json : record.problem)),
          lines,
        );
      },
    ),
    { seed, numRuns: 100 },
  );
});

test('empty lines are no records and are counted as lines', async () => {
  const records = await read(Buffer.from('{"a":1}\n\n  \n{"a":2}\n'));
  assert.deepEqual(
    records.map((record) => record.line),
    [1, 4],
  );
});

test('a byte order mark at the start is no part of the first record', async () => {
  const [record] = await read(Buffer.from('\ufeff{"a":1}'));
  assert.equal(record.kind, 'record');
});

test('a line that is not UTF-8 is bad and the next one is read', async () => {
  const records = await read(Buffer.from('{"a":"\xff"}\n{"a":2}', 'latin1'));
  assert.deepEqual(records[0], { kind: 'bad', line: 1, problem: 'not valid UTF-8' });
  assert.equal(records[1].kind, 'record');
});
