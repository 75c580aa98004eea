import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { writeU32 } from '../../src/bytes/integers.ts';
import { LsmError } from '../../src/errors.ts';
import type { TableMeta } from '../../src/version/table-meta.ts';
import { decodeEdit, encodeEdit, type VersionEdit } from '../../src/version/version-edit.ts';
import { expectError } from '../support/expect-error.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { checkProperty } from '../support/property.ts';
import { l0Table } from './table-fixture.ts';

function encode(edit: VersionEdit): Uint8Array {
  const writer = new ByteWriter();
  encodeEdit(edit, writer);
  return writer.view().slice();
}

function decode(bytes: Uint8Array): VersionEdit {
  return decodeEdit(bytes, 0, bytes.length, 'MANIFEST-000001', 0);
}

const TABLE: TableMeta = {
  fileNumber: 0x102,
  fileBytes: 0x2000,
  entryCount: 9,
  tombstoneCount: 3,
  keyCount: 8,
  dataBytes: 0x1f00,
  minSequence: 0x50,
  maxSequence: 0x60,
  epoch: 4,
  smallest: Uint8Array.of(0x61),
  largest: Uint8Array.of(0x7a, 0x7a),
};

const EDIT: VersionEdit = {
  added: [{ level: 0, table: TABLE }],
  deleted: [{ level: 2, fileNumber: 7 }],
  logNumber: 5,
  addedLogs: [6, 8],
  nextFileNumber: 9,
  lastSequence: 0x60,
  nextEpoch: 5,
  options: new Map([['levelCount', '7']]),
};

const GOLDEN = `
  01
  02 09000000 02 0700000000000000
  01 50000000 00
     0201000000000000 0020000000000000 0900000000000000 0300000000000000 0800000000000000
     001f000000000000 5000000000000000 6000000000000000 0400000000000000
     0100 61 0200 7a7a
  03 08000000 0500000000000000
  04 08000000 0600000000000000
  04 08000000 0800000000000000
  05 08000000 0900000000000000
  06 08000000 6000000000000000
  07 08000000 0500000000000000
  08 0d000000 0a00 6c6576656c436f756e74 37
`;

test('the bytes of an edit are fixed', () => {
  assert.equal(toHex(encode(EDIT)), GOLDEN.replace(/\s+/g, ''));
});

test('the fixed bytes are read as that edit', () => {
  assert.deepEqual(decode(fromHex(GOLDEN)), EDIT);
});

test('an empty edit says nothing', () => {
  assert.deepEqual(decode(encode({ added: [], deleted: [] })), { added: [], deleted: [] });
});

const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const userKey = fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes));
const plain = { noNullPrototype: true };
const anyTable: fc.Arbitrary<TableMeta> = fc.record(
  {
    fileNumber: safe,
    fileBytes: safe,
    entryCount: safe,
    tombstoneCount: safe,
    keyCount: safe,
    dataBytes: safe,
    minSequence: safe,
    maxSequence: safe,
    epoch: safe,
    smallest: userKey,
    largest: userKey,
  },
  plain,
);
const level = fc.integer({ min: 0, max: 255 });
const anyEdit: fc.Arbitrary<VersionEdit> = fc.record(
  {
    added: fc.array(fc.record({ level, table: anyTable }, plain), { maxLength: 5 }),
    deleted: fc.array(fc.record({ level, fileNumber: safe }, plain), { maxLength: 5 }),
    logNumber: safe,
    addedLogs: fc.array(safe, { minLength: 1, maxLength: 5 }),
    nextFileNumber: safe,
    lastSequence: safe,
    nextEpoch: safe,
    options: fc
      .array(fc.tuple(fc.string(), fc.string()), { minLength: 1, maxLength: 3 })
      .map((pairs) => new Map(pairs)),
  },
  { requiredKeys: ['added', 'deleted'], ...plain },
);

test('every edit comes back as it was written', () => {
  checkProperty(fc.property(anyEdit, (edit) => assert.deepEqual(decode(encode(edit)), edit)));
});

test('an edit is read from the middle of a buffer and leaves no view of it', () => {
  const bytes = encode(EDIT);
  const buffer = new Uint8Array(bytes.length + 20).fill(0xee);
  buffer.set(bytes, 11);
  const edit = decodeEdit(buffer, 11, bytes.length, 'MANIFEST-000001', 48);
  buffer.fill(0);
  assert.deepEqual(edit, EDIT);
});

test('an edit cut within a field is damaged, with the offset of that field', () => {
  const bytes = encode(EDIT);
  const boundaries = new Set<number>([bytes.length]);
  for (let at = 1; at < bytes.length; ) {
    boundaries.add(at);
    at += 5 + (bytes[at + 1] | (bytes[at + 2] << 8));
  }
  for (let length = 0; length < bytes.length; length++) {
    if (boundaries.has(length)) continue; // a shorter edit, which the log's checksum rules out
    const error = expectError('LSM_CORRUPTION', () => decodeEdit(bytes, 0, length, 'MANIFEST-000001', 1000));
    assert.equal(error.file, 'MANIFEST-000001');
    const field = Math.max(0, ...[...boundaries].filter((at) => at < length));
    assert.equal(error.offset, 1000 + field);
  }
});

test('another format and an unknown field are a newer program', () => {
  const bytes = encode(EDIT);
  bytes[0] = 2;
  expectError('LSM_UNSUPPORTED_FORMAT', () => decode(bytes));
  expectError('LSM_UNSUPPORTED_FORMAT', () => decode(fromHex('01 09 00000000')));
  expectError('LSM_UNSUPPORTED_FORMAT', () => decode(fromHex('01 00 00000000')));
  expectError('LSM_UNSUPPORTED_FORMAT', () => decode(fromHex('01 ff 00000000')));
});

test('numbers beyond 2^53 and numbers of the wrong length are damage', () => {
  expectError('LSM_CORRUPTION', () => decode(fromHex('01 03 08000000 0000000000002000')));
  expectError('LSM_CORRUPTION', () => decode(fromHex('01 03 08000000 ffffffffffffffff')));
  expectError('LSM_CORRUPTION', () => decode(fromHex('01 03 07000000 00000000000000')));
  expectError('LSM_CORRUPTION', () => decode(fromHex('01 03 00000000')));
  expectError('LSM_CORRUPTION', () => decode(fromHex('01 02 09000000 00 ffffffffffffffff')));
});

test('what may stand only once stands only once', () => {
  const once = '03 08000000 0500000000000000';
  expectError('LSM_CORRUPTION', () => decode(fromHex(`01 ${once} ${once}`)));
  const option = '08 03000000 0100 61';
  expectError('LSM_CORRUPTION', () => decode(fromHex(`01 ${option} ${option}`)));
});

test('a deleted table and an option are refused when they are too short for what they say', () => {
  for (const [bytes, message] of [
    ['01 02 08000000 0000000000000000', /a deleted table of the wrong length/],
    ['01 08 01000000 01', /an option without a name/],
    ['01 08 03000000 0200 61', /an option shorter than its name/],
  ] as const) {
    assert.match(expectError('LSM_CORRUPTION', () => decode(fromHex(bytes))).message, message);
  }
});

test('a field of any length is refused unless it is the right one', () => {
  const hostile = [0, 1, 76, 77, 0xffff, 0x10000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  for (const length of hostile) {
    const bytes = encode({ added: [{ level: 0, table: l0Table(1, 1, 'a', 'b') }], deleted: [] });
    writeU32(bytes, 2, length);
    expectError('LSM_CORRUPTION', () => decode(bytes));
  }
});

test('keys that would reach out of their field are refused', () => {
  const bytes = encode(EDIT);
  const smallestLength = 1 + 14 + 5 + 73;
  for (const length of [0, 2, 3, 4, 0xff]) {
    const copy = bytes.slice();
    copy[smallestLength] = length;
    expectError('LSM_CORRUPTION', () => decode(copy));
  }
});

test('bytes from nowhere give an error of the engine or an edit, and never anything else', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      if (bytes.length > 0) bytes[0] = 1;
      try {
        decode(bytes);
      } catch (error) {
        assert.ok(error instanceof LsmError, String(error));
      }
    }),
    1000,
  );
});

test('a table of the greatest figures fits', () => {
  const table = { ...TABLE, maxSequence: Number.MAX_SAFE_INTEGER, largest: new Uint8Array(65_535) };
  const edit = { added: [{ level: 15, table }], deleted: [] };
  assert.deepEqual(decode(encode(edit)), edit);
});
