/** Files whose checksums are right and whose contents are not: made by hand, to mislead whoever reads them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LsmErrorCode } from '../../src/errors.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { LevelDbTable } from '../../src/leveldb/table.ts';
import { expectError } from '../support/expect-error.ts';
import {
  batch,
  block,
  concat,
  directory,
  directoryOfTable,
  edit,
  entry,
  field,
  footer,
  handle,
  internalKey,
  log,
  stored,
  table,
  text,
  u32,
  u64,
  varint,
} from './builders.ts';
import { hex, importFrom, rejection } from './import-support.ts';

const [A, B, C] = [internalKey('a', 30), internalKey('b', 20), internalKey('c', 10)];
const VALUE = text('value');
const GOOD = block([entry(A, VALUE), entry(B, VALUE), entry(C, VALUE)]);

async function refuses(
  fs: MemoryFileSystem,
  pattern: RegExp,
  code: LsmErrorCode = 'LSM_CORRUPTION',
): Promise<void> {
  const error = await rejection(code, importFrom(fs));
  assert.match(error.message, pattern);
  assert.ok(error.file !== undefined && error.offset !== undefined);
  // With salvage the same ends in time, by leaving the part out or by the same error.
  try {
    const { report } = await importFrom(fs.crashClone(), { salvage: true });
    assert.ok(report.skippedParts > 0);
  } catch (salvaged) {
    assert.equal((salvaged as { code?: string }).code, code);
  }
}

async function keysOf(fs: MemoryFileSystem): Promise<string[]> {
  const { contents } = await importFrom(fs);
  return [...contents.keys()].map((key) => Buffer.from(key, 'hex').toString());
}

describe('a table made by hand', () => {
  test('is imported when it is right', async () => {
    assert.deepEqual(await keysOf(directoryOfTable(table([{ contents: GOOD }]), [A, C])), ['a', 'b', 'c']);
  });

  for (const [what, contents, pattern] of [
    ['shorter than its restart points', u32(1).slice(0, 3), /too short/],
    ['with more restart points than bytes', [...u32(0), ...u32(5)], /5 restart points/],
    ['with 2^32 - 1 restart points', [...u32(0), ...u32(2 ** 32 - 1)], /restart points/],
    ['whose first key shares bytes', block([entry(A, VALUE, 3)]), /shares 3 bytes/],
    [
      'whose key shares more than there was',
      block([entry(A, VALUE), concat(varint(99), [0, 0])]),
      /shares 99/,
    ],
    ['whose key is longer than it', block([concat([0], varint(2 ** 32 - 1), [0], A)]), /announced/],
    ['whose value is longer than it', block([concat([0, 9], varint(1000), A)]), /announced/],
    [
      'with a length of 2^40',
      block([concat([0, 9], varint(2 ** 40), A)]),
      /more than 5 bytes|limit of 32 bits/,
    ],
    ['with a length without an end', block([Uint8Array.of(0, 9, 128, 128)], []), /within a number/],
    [
      'with a key without a sequence number',
      block([entry(text('short'), VALUE)]),
      /sequence number and kind/,
    ],
    [
      'with a key of an unknown kind',
      block([entry(internalKey('a', 30, 7), VALUE)]),
      /sequence number and kind/,
    ],
    [
      'with a sequence number beyond 2^53',
      block([entry(concat(text('a'), u32(1), u32(2 ** 31)), VALUE)]),
      /sequence/,
    ],
    ['with its keys in a wrong order', block([entry(A, VALUE), entry(C, VALUE), entry(B, VALUE)]), /ascend/],
    ['with the same key twice', block([entry(A, VALUE), entry(A, VALUE)]), /ascend/],
    [
      'with versions of a key from old to new',
      block([entry(A, VALUE), entry(internalKey('a', 40), VALUE)]),
      /ascend/,
    ],
    [
      'that does not begin as the manifest says',
      block([entry(B, VALUE), entry(C, VALUE)]),
      /begin with the key/,
    ],
    ['that does not end as the manifest says', block([entry(A, VALUE), entry(B, VALUE)]), /end with the key/],
    ['without an entry', block([]), /end with the key/],
  ] as const) {
    test(`is refused with a block ${what}`, async () => {
      await refuses(directoryOfTable(table([{ contents: concat(contents) }]), [A, C]), pattern);
    });
  }

  for (const [what, index] of [
    ['one block twice', (handles: readonly Uint8Array[]) => [handles[0], handles[0]]],
    ['blocks in a wrong order', (handles: readonly Uint8Array[]) => [handles[1], handles[0]]],
    ['a block beyond the end', () => [handle(5000, 10)]],
    ['a block longer than the file', () => [handle(0, 5000)]],
    ['a block that reaches into the footer', () => [handle(0, 180)]],
    ['a block at the end of all numbers', () => [handle(2 ** 53 - 1, 2 ** 53 - 1)]],
    ['a handle beyond 2^53', () => [concat(varint(2 ** 60), [1])]],
    ['a handle that is cut off', () => [Uint8Array.of(0)]],
    ['no handle', () => [Uint8Array.of()]],
    ['a place where no block is', () => [handle(3, 10)]],
  ] as const) {
    test(`is refused when its index leads to ${what}`, async () => {
      const [one, two] = [block([entry(A, VALUE)]), block([entry(B, VALUE), entry(C, VALUE)])];
      const bytes = table([{ contents: one }, { contents: two }], index);
      await refuses(directoryOfTable(bytes, [A, C]), /out of place|beyond|within a number|checksum/);
    });
  }

  test('is refused when its footer leads to itself or astray', async () => {
    const data = stored(GOOD);
    for (const index of [handle(0, data.length), handle(data.length, 48), handle(2 ** 50, 1), handle(0, 0)]) {
      await refuses(directoryOfTable(concat(data, footer(index)), [A, C]), /out of place|checksum/);
    }
    const endless = concat(data, new Uint8Array(40).fill(0xff), footer(handle(0, 0)).subarray(40));
    await refuses(directoryOfTable(endless, [A, C]), /more than 10 bytes|2\^53/);
    await refuses(directoryOfTable(concat(data, new Uint8Array(48)), [A, C]), /does not end as a table/);
    await refuses(directoryOfTable(text('tiny'), [A, C]), /too few for a table/);
  });

  test('is refused with an index longer than any block, before memory is taken for it', () => {
    const size = 2 ** 41;
    const end = footer(handle(0, 2 ** 40));
    const fs = new MemoryFileSystem();
    fs.openFile = (path) => ({
      path,
      size,
      read: (into, start, length, position) => {
        for (let i = 0; i < length; i++) into[start + i] = end[position + i - (size - end.length)] ?? 0;
      },
      close: () => {},
    });
    expectError('LSM_CORRUPTION', () => new LevelDbTable(fs, '/000005.ldb', size));
  });

  for (const compression of [2, 3, 4, 255]) {
    test(`is refused with compression ${compression}, by its number`, async () => {
      const bytes = table([{ contents: GOOD, compression }]);
      await refuses(
        directoryOfTable(bytes, [A, C]),
        new RegExp(`compression ${compression}.*none and Snappy`),
        'LSM_UNSUPPORTED_FORMAT',
      );
    });
  }

  test('is refused with a Snappy block of an enormous length', async () => {
    for (const length of [2 ** 31 - 2 ** 20, 2 ** 31, 2 ** 32 - 1]) {
      const contents = concat(varint(length), [0x00, 1]);
      await refuses(directoryOfTable(table([{ contents, compression: 1 }]), [A, C]), /Snappy/);
    }
  });

  test('is refused with a Snappy block that would keep the package busy for ever', async () => {
    const contents = Uint8Array.of(9, 0x00, 1, 0xfc, 0xf8, 0xff, 0xff, 0xff);
    await refuses(directoryOfTable(table([{ contents, compression: 1 }]), [A, C]), /Snappy/);
  });

  test('has the name that old versions gave it', async () => {
    const fs = directoryOfTable(table([{ contents: GOOD }]), [A, C]);
    fs.rename('/source/000005.ldb', '/source/000005.sst');
    assert.deepEqual(await keysOf(fs), ['a', 'b', 'c']);
  });

  test('with a key or a value over our limits is refused, unless it is deleted or left out', async () => {
    const long = 'k'.repeat(65_536);
    const [first, last] = [internalKey(long, 5), internalKey('l', 6)];
    const fs = directoryOfTable(table([{ contents: block([entry(first, VALUE), entry(last, VALUE)]) }]), [
      first,
      last,
    ]);
    const error = await rejection('LSM_TOO_LARGE', importFrom(fs));
    assert.match(error.message, /65536 bytes/);
    assert.ok(!error.message.includes('kkk'));
    const { contents, report } = await importFrom(fs, { salvage: true });
    assert.deepEqual([...contents.keys()], [hex(text('l'))]);
    assert.deepEqual([report.skippedParts, report.superseded], [1, 0]);
    const deletion = internalKey(long, 7, 0);
    const entries = [entry(deletion, text('')), entry(first, VALUE), entry(last, VALUE)];
    const deleted = directoryOfTable(table([{ contents: block(entries) }]), [deletion, last]);
    assert.deepEqual(await keysOf(deleted), ['l']);
  });
});

describe('a salvaged table', () => {
  const blockOf = (
    ...entries: readonly (readonly [key: Uint8Array, value: string])[]
  ): { contents: Uint8Array } => ({
    contents: block(entries.map(([key, value]) => entry(key, text(value)))),
  });

  test('gives nothing from before what it gave already', async () => {
    const [newer, older] = [internalKey('m', 9), internalKey('m', 3)];
    const bytes = table([
      blockOf([newer, 'new'], [internalKey('p', 8), '']),
      blockOf([B, 'back']),
      blockOf([older, 'old']),
      blockOf([internalKey('z', 1), '']),
    ]);
    const { contents } = await importFrom(directoryOfTable(bytes, [newer, internalKey('z', 1)]), {
      salvage: true,
    });
    assert.equal(contents.get(hex(text('m'))), hex(text('new')));
    assert.deepEqual(
      [...contents.keys()],
      ['m', 'p', 'z'].map((key) => hex(text(key))),
    );
  });

  test('gives nothing from behind its last key, where the next table of its level begins', async () => {
    const [m, x, older] = [internalKey('m', 9), internalKey('x', 8), internalKey('x', 3)];
    const behind = blockOf([x, '2'], [internalKey('y', 7), '']);
    const [one, two] = [table([blockOf([m, '1']), behind]), table([blockOf([older, '3'])])];
    const fs = directory({
      'MANIFEST-000008': log(
        edit(
          field.added({ level: 1, number: 5, bytes: one.length, smallest: m, largest: m }),
          field.added({ level: 1, number: 6, bytes: two.length, smallest: older, largest: older }),
        ),
      ),
      '000005.ldb': one,
      '000006.ldb': two,
    });
    await refuses(fs.crashClone(), /beyond the last key/);
    const { contents } = await importFrom(fs, { salvage: true });
    assert.deepEqual([...contents.keys()], [hex(text('m')), hex(text('x'))]);
  });
});

describe('tables of several levels', () => {
  const one = (key: Uint8Array, value: string): Uint8Array =>
    table([{ contents: block([entry(key, text(value))]) }]);
  const added = (level: number, number: number, key: Uint8Array): Uint8Array =>
    field.added({ level, number, bytes: one(key, '1').length, smallest: key, largest: key });

  test('are merged by sequence number, whatever their numbers and levels', async () => {
    const keys = [
      internalKey('a', 9),
      internalKey('a', 7),
      internalKey('a', 8),
      internalKey('b', 6),
      internalKey('b', 5),
    ];
    const fs = directory({
      'MANIFEST-000008': log(edit(...keys.map((key, i) => added([0, 0, 1, 3, 6][i], 11 + i, key)))),
      '000011.ldb': one(keys[0], '9'),
      '000012.ldb': one(keys[1], '7'),
      '000013.ldb': one(keys[2], '8'),
      '000014.ldb': one(keys[3], '6'),
      '000015.ldb': one(keys[4], '5'),
    });
    const { contents, report } = await importFrom(fs);
    assert.deepEqual(
      [...contents],
      [
        ['61', hex(text('9'))],
        ['62', hex(text('6'))],
      ],
    );
    assert.equal(report.superseded, 3);
  });

  test('may share a key between neighbours of a level, the newer version first', async () => {
    const [newer, older] = [internalKey('a', 9, 0), internalKey('a', 7)];
    const fs = directory({
      'MANIFEST-000008': log(edit(added(1, 12, older), added(1, 11, newer))),
      '000011.ldb': one(newer, '1'),
      '000012.ldb': one(older, '2'),
    });
    assert.deepEqual(await keysOf(fs), []);
  });

  test('are refused when they overlap below level 0', async () => {
    const bytes = table([{ contents: GOOD }]);
    const table5 = { level: 1, number: 5, bytes: bytes.length, smallest: A, largest: C };
    const fs = directory({
      'MANIFEST-000008': log(edit(field.added(table5), field.added({ ...table5, number: 6, smallest: B }))),
      '000005.ldb': bytes,
      '000006.ldb': bytes,
    });
    await refuses(fs, /tables 5 and 6 of level 1 overlap/);
  });

  test('follow the edits: what was moved or deleted counts where it is now', async () => {
    const [a, b] = [internalKey('a', 9), internalKey('b', 8)];
    const fs = directory({
      'MANIFEST-000008': log(
        edit(added(0, 11, a), added(0, 12, b)),
        concat(field.deleted(0, 11), added(1, 11, a)),
        concat(field.deleted(0, 12), field.deleted(1, 11), added(2, 11, a)),
      ),
      '000011.ldb': one(a, '1'),
    });
    assert.deepEqual(await keysOf(fs), ['a']);
  });
});

describe('a manifest made by hand', () => {
  const manifest = (...edits: readonly Uint8Array[]): MemoryFileSystem =>
    directory({ 'MANIFEST-000008': log(...edits) });

  for (const [what, edits, pattern, code] of [
    ['without any edit', [], /before it says/, 'LSM_CORRUPTION'],
    [
      'without a log number',
      [concat(field.nextFile(9), field.lastSequence(1))],
      /before it says/,
      'LSM_CORRUPTION',
    ],
    [
      'without a next file',
      [concat(field.logNumber(9), field.lastSequence(1))],
      /before it says/,
      'LSM_CORRUPTION',
    ],
    [
      'without a sequence',
      [concat(field.logNumber(9), field.nextFile(9))],
      /before it says/,
      'LSM_CORRUPTION',
    ],
    [
      'with another comparator',
      [edit(field.comparator('idb_cmp1'))],
      /the order idb_cmp1,/,
      'LSM_UNSUPPORTED_FORMAT',
    ],
    [
      'with a comparator that is no name',
      [edit(field.comparator('a secret \u0007'))],
      /an order without a proper name/,
      'LSM_UNSUPPORTED_FORMAT',
    ],
    ['with a tag of RocksDB', [edit(concat(varint(103), [1]))], /103.*RocksDB/, 'LSM_UNSUPPORTED_FORMAT'],
    ['with tag 8', [edit(Uint8Array.of(8, 1))], /unknown kind 8/, 'LSM_UNSUPPORTED_FORMAT'],
    ['with level 7', [edit(field.deleted(7, 1))], /level 7/, 'LSM_CORRUPTION'],
    ['with a number that is cut off', [edit(Uint8Array.of(2, 128))], /within a number/, 'LSM_CORRUPTION'],
    ['with a number beyond 2^53', [edit(concat([2], varint(2 ** 60)))], /2\^53/, 'LSM_CORRUPTION'],
    ['with a name that is longer than it', [edit(Uint8Array.of(1, 100))], /announced/, 'LSM_CORRUPTION'],
    ['with a short key', [edit(Uint8Array.of(5, 0, 1, 65))], /a key has no/, 'LSM_CORRUPTION'],
  ] as const) {
    test(`is refused ${what}`, async () => {
      await refuses(manifest(...edits), pattern, code);
    });
  }

  test('may have compaction pointers, and a previous log', async () => {
    const pointer = concat([5, 1], varint(A.length), A);
    const fs = directory({
      'MANIFEST-000008': log(edit(pointer, field.previousLog(6))),
      '000004.log': log(batch(50, ['no', 'longer needed'])),
      '000006.log': log(batch(51, ['a', 'previous'], ['b', 'previous'])),
      '000009.log': log(batch(60, ['a', undefined], ['c', 'new'])),
    });
    assert.deepEqual(await keysOf(fs), ['b', 'c']);
  });
});

describe('a write-ahead log made by hand', () => {
  const source = (...logs: readonly Uint8Array[]): MemoryFileSystem =>
    directory({
      'MANIFEST-000008': log(edit()),
      ...Object.fromEntries(logs.map((bytes, i) => [`0000${String(9 + i).padStart(2, '0')}.log`, bytes])),
    });

  for (const [what, record, pattern] of [
    ['too short for its header', text('elevenbytes'), /too few/],
    [
      'with fewer entries than it says',
      concat(u64(1), u32(2), batch(1, ['a', 'b']).subarray(12)),
      /announces 2/,
    ],
    [
      'with more entries than it says',
      concat(u64(1), u32(0), batch(1, ['a', 'b']).subarray(12)),
      /announces 0/,
    ],
    ['with 2^32 - 1 entries', concat(u64(1), u32(2 ** 32 - 1)), /announces 4294967295/],
    ['with an entry of an unknown kind', concat(u64(1), u32(1), [2, 1, 65]), /kind 2/],
    ['with a key longer than it', concat(u64(1), u32(1), [0, 9, 65]), /announced/],
    ['with a value longer than it', concat(u64(1), u32(1), [1, 1, 65], varint(2 ** 31)), /announced/],
    ['that ends within an entry', concat(u64(1), u32(1), [1, 1, 65]), /within a number/],
  ] as const) {
    test(`is refused with a batch ${what}, and nothing of that batch is salvaged`, async () => {
      const good = batch(1, ['good', '1']);
      const fs = source(log(good, record, batch(9, ['last', '9'])));
      await refuses(fs, pattern);
      const { contents } = await importFrom(fs, { salvage: true });
      assert.deepEqual([...contents.keys()], [hex(text('good')), hex(text('last'))]);
    });
  }

  test('is followed by the ones after it, in the order of their numbers', async () => {
    const fs = source(
      log(batch(1, ['a', '1'], ['b', '1'])),
      log(batch(3, ['a', undefined], ['c', '1'])),
      log(batch(5, ['c', '2'])),
    );
    const { contents, report } = await importFrom(fs);
    assert.deepEqual(
      [...contents],
      [
        ['62', hex(text('1'))],
        ['63', hex(text('2'))],
      ],
    );
    assert.equal(report.filesRead, 3);
  });

  test('may be torn if it is the last one, and is damaged if it is not', async () => {
    const whole = log(batch(1, ['a', '1']), batch(2, ['b', '2']));
    const torn = whole.subarray(0, whole.length - 3);
    const { contents, report } = await importFrom(source(whole, torn));
    assert.equal(contents.size, 2);
    assert.equal(report.discardedBytes, torn.length - log(batch(1, ['a', '1'])).length);
    await refuses(source(torn, whole), /a newer log follows/);
  });

  test('may be torn too if only empty ones follow, as when LevelDB dies while it opens a directory', async () => {
    const whole = log(batch(1, ['a', '1']), batch(2, ['b', '2']));
    const torn = whole.subarray(0, whole.length - 3);
    const { contents, report } = await importFrom(source(whole, torn, new Uint8Array(0), new Uint8Array(0)));
    assert.equal(contents.size, 2);
    assert.equal(report.discardedBytes, torn.length - log(batch(1, ['a', '1'])).length);
  });

  test('with a key over our limits is refused, unless it only deletes it', async () => {
    const long = 'k'.repeat(65_536);
    await rejection('LSM_TOO_LARGE', importFrom(source(log(batch(1, ['a', '1'], [long, '1'])))));
    assert.deepEqual(await keysOf(source(log(batch(1, ['a', '1'], [long, undefined])))), ['a']);
    const { contents, report } = await importFrom(source(log(batch(1, [long, '1'], ['a', '1']))), {
      salvage: true,
    });
    assert.deepEqual([contents.size, report.skippedParts, report.superseded], [1, 1, 0]);
  });
});
