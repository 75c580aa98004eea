import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { Damage } from '../../src/leveldb/damage.ts';
import { LevelDbLogReader } from '../../src/leveldb/log-reader.ts';
import { expectError } from '../support/expect-error.ts';
import { checkProperty } from '../support/property.ts';
import { concat, fragment, log, text } from './builders.ts';

interface Read {
  /** One character a byte. */
  readonly records: readonly string[];
  readonly discardedBytes: number;
  readonly damage: Damage;
}

function read(bytes: Uint8Array, { mayBeTorn = true, salvage = false } = {}): Read {
  const fs = new MemoryFileSystem();
  const file = fs.createFile('/log');
  file.append(bytes);
  file.close();
  const damage = new Damage(salvage);
  const reader = new LevelDbLogReader(fs, '/log', damage, { mayBeTorn });
  const records: string[] = [];
  try {
    while (reader.next()) {
      const { payload, payloadStart, payloadLength } = reader;
      records.push(Buffer.from(payload).toString('latin1', payloadStart, payloadStart + payloadLength));
    }
    assert.equal(reader.next(), false, 'the end stays the end');
    return { records, discardedBytes: reader.discardedBytes, damage };
  } finally {
    reader.close();
  }
}

/** A record of its length in one letter. */
function record(letter: string, length: number): string {
  return letter.repeat(length);
}

function logOf(records: readonly string[]): Uint8Array {
  return log(...records.map(text));
}

const sizes = fc.array(fc.oneof(fc.nat(200), fc.nat(100_000), fc.integer({ min: 32_740, max: 32_780 })), {
  maxLength: 8,
});

function recordsOf(lengths: readonly number[]): string[] {
  return lengths.map((length, i) => record(String.fromCharCode(97 + i), length));
}

describe('a whole log', () => {
  test('gives its records back, however they lie across the blocks', () => {
    checkProperty(
      fc.property(sizes, (lengths) => {
        const records = recordsOf(lengths);
        const found = read(logOf(records), { mayBeTorn: false });
        assert.deepEqual(found.records, records);
        assert.equal(found.discardedBytes, 0);
      }),
    );
  });

  test('may have a record that leaves exactly the room of a header, or less, at the end of a block', () => {
    for (let left = 0; left <= 8; left++) {
      const records = [record('a', 32_768 - 7 - left), record('b', 10)];
      assert.deepEqual(read(logOf(records), { mayBeTorn: false }).records, records);
    }
  });

  test('may have an empty first part before a whole record, as early versions left it', () => {
    const bytes = concat(
      fragment(1, text(record('a', 32_768 - 14))),
      fragment(2, text('')),
      fragment(1, text('b')),
    );
    assert.deepEqual(read(bytes).records, [record('a', 32_768 - 14), 'b']);
  });
});

describe('a log that is cut off', () => {
  test('gives the records before the cut and counts the bytes of the rest', () => {
    const longer = fc.tuple(sizes, fc.nat());
    checkProperty(
      fc.property(longer, ([lengths, at]) => {
        const records = recordsOf(lengths);
        const bytes = logOf(records);
        const kept = bytes.length === 0 ? 0 : at % bytes.length;
        const found = read(bytes.subarray(0, kept));
        assert.deepEqual(found.records, records.slice(0, found.records.length));
        const whole = logOf(found.records).length;
        // Up to six bytes at the end of a block belong to no record.
        const filler = (32_768 - (whole % 32_768)) % 32_768;
        const next = filler < 7 ? whole + filler : whole;
        assert.equal(found.discardedBytes, kept >= next ? kept - next : kept - whole);
        assert.ok(
          found.records.length === records.length ||
            logOf(records.slice(0, found.records.length + 1)).length > kept,
        );
      }),
    );
  });

  test('is damaged if it may not be, since a newer log follows', () => {
    const bytes = log(text('a'), text('bcd'));
    const error = expectError('LSM_CORRUPTION', () =>
      read(bytes.subarray(0, bytes.length - 1), { mayBeTorn: false }),
    );
    assert.equal(error.offset, 8);
    assert.equal(error.file, '/log');
  });

  test('may end in zeros that were set aside for it', () => {
    for (const zeros of [1, 6, 7, 100, 32_768, 100_000]) {
      const found = read(concat(log(text('abc')), new Uint8Array(zeros)));
      assert.deepEqual(found.records, ['abc']);
      assert.equal(found.discardedBytes, zeros);
    }
  });
});

describe('a damaged log', () => {
  const records = recordsOf([10, 0, 300, 40_000, 5]);
  const bytes = logOf(records);

  test('is told from a cut whichever byte was changed, by the offset of its fragment', () => {
    // The first two fragments of the long record end in the first block; all its headers are tried.
    const places = [
      ...Array.from({ length: 400 }, (_, i) => i),
      20_000,
      32_767,
      32_768,
      32_772,
      32_773,
      32_774,
    ];
    const last = Array.from({ length: 30 }, (_, i) => bytes.length - 1 - i);
    for (const at of [...places, ...last]) {
      for (const change of [1, 2, 4, 0x10, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] ^= change;
        const error = expectError('LSM_CORRUPTION', () => read(changed));
        assert.ok(error.offset !== undefined && error.offset <= at && error.file === '/log', `byte ${at}`);
      }
    }
  });

  test('gives every record of the other blocks when salvaging', () => {
    const many = recordsOf([20_000, 10_000, 50_000, 20_000, 100]);
    const whole = logOf(many);
    for (let at = 0; at < whole.length; at += 1777) {
      const changed = whole.slice();
      changed[at] ^= 0x40;
      const { records: found, damage } = read(changed, { salvage: true });
      assert.ok(damage.parts > 0 && damage.bytes > 0);
      assert.ok(damage.described.every(({ file, offset }) => file === '/log' && offset <= at));
      const kept = many.filter((one) => found.includes(one));
      assert.deepEqual(found, kept, 'nothing that was not written, and in order');
      const lost = many.length - kept.length;
      assert.ok(lost >= 1 && lost <= 3, `${lost} lost`);
    }
  });

  for (const [what, bad] of [
    ['a record of an unknown kind', fragment(5, text('a'))],
    ['a kind 0 with a right checksum', fragment(0, text(''))],
    ['a last part without a first', fragment(4, text('a'))],
    ['a middle part without a first', fragment(3, text('a'))],
    ['a first part without a last', concat(fragment(2, text('a')), fragment(1, text('b')))],
    ['two first parts', concat(fragment(2, text('a')), fragment(2, text('b')), fragment(4, text('c')))],
    ['zeros before a record of the next block', concat(new Uint8Array(32_768), log(text('a')))],
  ] as const) {
    test(`is refused for ${what}`, () => {
      const error = expectError('LSM_CORRUPTION', () => read(concat(log(text('x')), bad)));
      assert.equal(error.offset, 8);
    });
  }

  test('is not read to its end again for every block of zeros in it', () => {
    const blocks = 50;
    const bytes = concat(new Uint8Array(blocks * 32_768), log(text('x')));
    const fs = new MemoryFileSystem();
    let bytesRead = 0;
    fs.openFile = (path) => ({
      path,
      size: bytes.length,
      read: (into, start, length, position) => {
        bytesRead += length;
        into.set(bytes.subarray(position, position + length), start);
      },
      close: () => {},
    });
    const reader = new LevelDbLogReader(fs, '/log', new Damage(true), { mayBeTorn: true });
    assert.equal(reader.next(), true);
    assert.ok(bytesRead <= 3 * bytes.length, `${bytesRead} bytes were read`);
    reader.close();
  });

  test('takes bounded work however its lengths are made', () => {
    checkProperty(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, salvage) => {
        const bytes = concat(log(text('abc')), noise);
        try {
          assert.ok(read(bytes, { salvage }).records.length >= 1);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'LSM_CORRUPTION');
        }
      }),
      500,
    );
  });
});
