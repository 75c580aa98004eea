import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeU16, writeU32, writeU64 } from '../../src/bytes/integers.ts';
import { LsmError } from '../../src/errors.ts';
import { BatchReader } from '../../src/wal/batch-reader.ts';
import { BATCH_START, WriteBatch } from '../../src/wal/write-batch.ts';
import { fromHex } from '../support/hex.ts';
import { checkProperty } from '../support/property.ts';

/** put 'ab' = 'xyz', delete 'c', put '' = ''; at offsets 12, 24 and 32 of 39 bytes. */
function sample(): Uint8Array {
  const batch = new WriteBatch().put('ab', 'xyz').delete('c').put('', '');
  batch.stamp(100);
  return batch.buffer.slice(BATCH_START, BATCH_START + batch.byteLength);
}

function refusal(bytes: Uint8Array): LsmError {
  try {
    new BatchReader().reset(bytes, 0, bytes.length, 'some.wal', 1000);
  } catch (error) {
    assert.ok(error instanceof LsmError, String(error));
    assert.equal(error.code, 'LSM_CORRUPTION');
    assert.equal(error.file, 'some.wal');
    return error;
  }
  assert.fail('it was accepted');
}

function changed(change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = sample();
  change(bytes);
  return bytes;
}

test('a batch is read wherever it stands in a buffer', () => {
  const bytes = sample();
  const buffer = new Uint8Array(100).fill(0xee);
  buffer.set(bytes, 17);
  const reader = new BatchReader();
  reader.reset(buffer, 17, bytes.length, 'f', 0);
  assert.deepEqual([reader.sequence, reader.count], [100, 3]);
  const fields = (): number[] => [
    reader.kind,
    reader.keyStart - 17,
    reader.keyLength,
    reader.valueStart - 17,
    reader.valueLength,
  ];
  assert.ok(reader.next());
  assert.deepEqual(fields(), [1, 15, 2, 21, 3]);
  assert.ok(reader.next());
  assert.deepEqual(fields(), [2, 27, 1, 32, 0]);
  assert.ok(reader.next());
  assert.deepEqual(fields(), [1, 35, 0, 39, 0]);
  assert.equal(reader.next(), false);
  assert.equal(reader.next(), false);
  assert.equal(reader.buffer, buffer);
});

test('a reader can be started again, on the same batch or another', () => {
  const reader = new BatchReader();
  const bytes = sample();
  for (let i = 0; i < 2; i++) {
    reader.reset(bytes, 0, bytes.length, 'f', 0);
    let seen = 0;
    while (reader.next()) seen++;
    assert.equal(seen, 3);
  }
  reader.reset(fromHex('0500000000000000 00000000'), 0, 12, 'f', 0);
  assert.deepEqual([reader.sequence, reader.count, reader.next()], [5, 0, false]);
});

test('a batch cut at any byte is refused', () => {
  const bytes = sample();
  for (let cut = 0; cut < bytes.length; cut++) refusal(bytes.slice(0, cut));
});

test('a batch is refused when it only makes sense with the bytes after it', () => {
  const bytes = sample();
  const reader = new BatchReader();
  for (let cut = 0; cut < bytes.length; cut++) {
    assert.throws(() => reader.reset(bytes, 0, cut, 'f', 0), { code: 'LSM_CORRUPTION' });
  }
});

test('hostile counts are refused, at the count', () => {
  for (const count of [0, 2, 4, 5, 0x7fff_ffff, 0xffff_ffff]) refusal(changed((b) => writeU32(b, 8, count)));
  assert.equal(refusal(changed((b) => writeU32(b, 8, 0xffff_ffff))).offset, 1008);
});

test('hostile lengths are refused, at their entry', () => {
  for (const length of [0, 1, 3, 20, 21, 0x7fff, 0xffff]) {
    const error = refusal(changed((b) => writeU16(b, 13, length)));
    assert.ok(error.offset !== undefined && error.offset >= 1012);
  }
  for (const length of [2, 4, 18, 19, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    refusal(changed((b) => writeU32(b, 17, length)));
  }
  assert.equal(refusal(changed((b) => writeU32(b, 28, 1))).offset, 1024);
  assert.equal(refusal(changed((b) => writeU32(b, 35, 1))).offset, 1032);
});

test('a delete has no value', () => {
  const bytes = fromHex('0100000000000000 01000000 02 0100 61 01000000 62');
  assert.equal(refusal(bytes).offset, 1012);
});

test('an unknown kind is refused', () => {
  for (const kind of [0, 3, 255]) {
    const error = refusal(
      changed((b) => {
        b[24] = kind;
      }),
    );
    assert.equal(error.offset, 1024);
  }
});

test('sequence numbers out of range are refused, and the last ones that fit are not', () => {
  for (const sequence of [2 ** 53 - 1, 2 ** 53 - 3, 2 ** 53, 2 ** 60]) {
    refusal(changed((b) => writeU64(b, 0, sequence)));
  }
  const reader = new BatchReader();
  reader.reset(
    changed((b) => writeU64(b, 0, 2 ** 53 - 4)),
    0,
    39,
    'f',
    0,
  );
  assert.equal(reader.sequence, 2 ** 53 - 4);
});

test('bytes after the last entry are refused', () => {
  assert.equal(refusal(Uint8Array.of(...sample(), 0)).offset, 1039);
});

test('a bad batch changes nothing in the reader', () => {
  const reader = new BatchReader();
  const bytes = sample();
  reader.reset(bytes, 0, bytes.length, 'f', 0);
  reader.next();
  assert.throws(() => reader.reset(bytes, 0, bytes.length - 1, 'f', 0), { code: 'LSM_CORRUPTION' });
  assert.equal(reader.kind, 1);
  assert.ok(reader.next());
  assert.equal(reader.kind, 2);
});

test('any bytes are either a batch that lies within them or refused as damage', () => {
  const noise = fc.uint8Array({ maxLength: 60, size: 'max' });
  const nearly = fc.array(fc.tuple(fc.nat(38), fc.nat(255)), { maxLength: 3, size: 'max' }).map((changes) =>
    changed((b) => {
      for (const [at, value] of changes) b[at] = value;
    }),
  );
  checkProperty(
    fc.property(fc.oneof(noise, nearly), (bytes) => {
      const reader = new BatchReader();
      try {
        reader.reset(bytes, 0, bytes.length, 'f', 0);
      } catch (error) {
        assert.ok(error instanceof LsmError && error.code === 'LSM_CORRUPTION', String(error));
        return;
      }
      let at = 12;
      while (reader.next()) {
        assert.equal(reader.keyStart, at + 3);
        assert.equal(reader.valueStart, reader.keyStart + reader.keyLength + 4);
        at = reader.valueStart + reader.valueLength;
      }
      assert.equal(at, bytes.length);
    }),
    2000,
  );
});
