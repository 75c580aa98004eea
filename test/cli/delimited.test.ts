import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { delimitedReader } from '../../src/cli/records/delimited.ts';
import type { SourceRecord } from '../../src/cli/records/source-record.ts';
import { inPieces } from './pieces.ts';

const CSV = { delimiter: ',', quotes: true } as const;

async function read(
  text: string,
  options: Parameters<typeof delimitedReader>[0] = CSV,
  pieceBytes = 5,
): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  const reader = delimitedReader(options);
  for await (const record of reader(inPieces(Buffer.from(text), pieceBytes))) records.push(record);
  return records;
}

function fieldsOf(records: readonly SourceRecord[]): unknown[] {
  return records.map((record) => (record.kind === 'record' ? { ...record.fields } : record.problem));
}

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('any fields that were quoted are read back, however the input is cut', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\t', ' ', 'é', '𝄞') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(field, field)),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom('\n', '\r\n'),
      async (rows, pieceBytes, newline) => {
        const quoted = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','));
        const records = await read(['x,y', ...quoted].join(newline), CSV, pieceBytes);
        assert.deepEqual(
          fieldsOf(records),
          rows.map(([x, y]) => ({ x, y })),
        );
      },
    ),
    { seed, numRuns: 100 },
  );
});

for (const [name, newline] of [
  ['LF', '\n'],
  ['CR LF', '\r\n'],
] as const) {
  test(`a record is numbered by the line it starts on, with ${name}, past quoted newlines and empty lines`, async () => {
    const lines = ['a,b', '1,"x', 'y"', '', '2,z', '"3', '","', '"', '4,z'];
    const records = await read(lines.join(newline));
    assert.deepEqual(
      records.map((record) => record.line),
      [2, 5, 6, 9],
    );
  });
}

test('a record with too few or too many fields is bad and the others are read in order', async () => {
  const records = await read('a,b\n1,2\n3\n4,5\n6,7,8\n9,0\n');
  assert.deepEqual(
    records.map((record) => [record.kind, record.line]),
    [
      ['record', 2],
      ['bad', 3],
      ['record', 4],
      ['bad', 5],
      ['record', 6],
    ],
  );
});

test('a quote that is not closed is a bad record', async () => {
  const records = await read('a,b\n1,2\n3,"x\n');
  assert.equal(records[1].kind, 'bad');
});

test('TSV is cut at tabs, and without quotes a quote is a character', async () => {
  const records = await read('a\tb\n5"\t"x,y\n', { delimiter: '\t', quotes: false });
  assert.deepEqual(fieldsOf(records), [{ a: '5"', b: '"x,y' }]);
});

test('a byte order mark is no part of the first name', async () => {
  assert.deepEqual(fieldsOf(await read('\ufeffa,b\n1,2')), [{ a: '1', b: '2' }]);
});

test('a header that names a column twice cannot be read', async () => {
  await assert.rejects(read('a,a\n1,2'), /line 1: the header names column "a" twice/);
});
