import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LsmError } from '../../src/errors.ts';
import { readWholeFile } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { RECORD_HEADER_BYTES } from '../../src/log/log-format.ts';
import { Manifest, type ManifestContents, snapshotOf } from '../../src/version/manifest.ts';
import { Version } from '../../src/version/version.ts';
import type { VersionEdit } from '../../src/version/version-edit.ts';
import { expectError } from '../support/expect-error.ts';
import { toHex } from '../support/hex.ts';
import { JournalFileSystem } from './journal-file-system.ts';
import { add, key, l0Table, numbers, remove, table } from './table-fixture.ts';

const ID: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
const DIRECTORY = '/db';
const CURRENT = '/db/CURRENT';
const MANIFEST = '/db/MANIFEST-000005';
const LIMIT = 2 ** 24;

const SNAPSHOT: VersionEdit = {
  added: [
    { level: 0, table: l0Table(2, 4, 'a', 'm') },
    { level: 1, table: table(2, 'a', 'c') },
  ],
  deleted: [],
  logNumber: 3,
  addedLogs: [3],
  nextFileNumber: 6,
  lastSequence: 100,
  nextEpoch: 3,
  options: new Map([['levelCount', '7']]),
};

function memory(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(DIRECTORY);
  return fs;
}

/** A file system with a manifest of the snapshot and these edits. */
function written(...edits: readonly VersionEdit[]): MemoryFileSystem {
  const fs = memory();
  const manifest = Manifest.create(fs, DIRECTORY, ID, 5, SNAPSHOT);
  for (const edit of edits) manifest.append(edit);
  manifest.close();
  return fs;
}

function replace(fs: MemoryFileSystem, path: string, bytes: Uint8Array): MemoryFileSystem {
  const copy = fs.crashClone();
  copy.remove(path);
  const file = copy.createFile(path);
  file.append(bytes);
  file.close();
  return copy;
}

/** What a manifest says, without what differs for a shorter one. */
function essence(contents: ManifestContents): unknown {
  const { discardedBytes: _bytes, validBytes: _valid, tornReason: _reason, ...rest } = contents;
  return { ...rest, version: contents.version.levels };
}

test('what was written is recovered', () => {
  const contents = Manifest.recover(written(), DIRECTORY);
  assert.deepEqual(contents.databaseId, ID);
  assert.equal(contents.manifestNumber, 5);
  assert.deepEqual(contents.version.levels.map(numbers), [[4], [2], [], [], [], [], []]);
  assert.deepEqual(contents.version.levels[0][0], l0Table(2, 4, 'a', 'm'));
  assert.deepEqual(contents.logs, [3]);
  assert.equal(contents.logNumber, 3);
  assert.equal(contents.nextFileNumber, 6);
  assert.equal(contents.lastSequence, 100);
  assert.equal(contents.nextEpoch, 3);
  assert.deepEqual(contents.options, new Map([['levelCount', '7']]));
  assert.equal(contents.discardedBytes, 0);
});

test('edits are recovered in their order', () => {
  const fs = written(
    { ...add(0, l0Table(3, 7, 'b', 'x')), lastSequence: 110, addedLogs: [6], nextEpoch: 4 },
    {
      added: [{ level: 1, table: table(8, 'a', 'z') }],
      deleted: [...remove(0, 4, 7).deleted, ...remove(1, 2).deleted],
    },
    { added: [], deleted: [], logNumber: 6, nextFileNumber: 12 },
  );
  const contents = Manifest.recover(fs, DIRECTORY);
  assert.deepEqual(contents.version.levels.map(numbers), [[], [8], [], [], [], [], []]);
  assert.deepEqual(contents.logs, [6]);
  assert.equal(contents.lastSequence, 110);
  assert.equal(contents.nextFileNumber, 12);
  assert.equal(contents.nextEpoch, 4);
  assert.equal(contents.editCount, 5);
});

test('a Version survives being written as a snapshot and read back', () => {
  const fs = memory();
  const version = Version.empty(4)
    .apply(add(0, l0Table(1, 10, 'a', 'c'), l0Table(2, 9, 'b', 'z')))
    .apply(add(3, table(1, 'a', 'b'), table(2, 'c', 'd')));
  Manifest.create(fs, DIRECTORY, ID, 11, snapshotOf(version, { lastSequence: 29 })).close();
  const contents = Manifest.recover(fs, DIRECTORY, 4);
  assert.deepEqual(contents.version.levels, version.levels);
  assert.equal(contents.nextFileNumber, 12);
  assert.equal(contents.nextEpoch, 3);
});

test('a tree that is deeper than the levels asked for keeps its levels', () => {
  const fs = memory();
  Manifest.create(fs, DIRECTORY, ID, 11, { ...add(5, table(1, 'a', 'b')), lastSequence: 10 }).close();
  assert.equal(Manifest.recover(fs, DIRECTORY, 3).version.levels.length, 6);
});

test('a snapshot of a large tree is written in several edits', () => {
  const fs = memory();
  const added = Array.from({ length: 40 }, (_, i) => {
    const smallest = new Uint8Array(65_535).fill(i);
    return { level: 1, table: table(i + 1, '', '', { smallest, largest: smallest }) };
  });
  Manifest.create(fs, DIRECTORY, ID, 99, { added, deleted: [], lastSequence: 10 }).close();
  const contents = Manifest.recover(fs, DIRECTORY);
  assert.equal(contents.version.levels[1].length, 40);
  assert.ok(contents.editCount > 3);
});

test('an edit is on the disk before append returns', () => {
  const fs = new JournalFileSystem(memory());
  const manifest = Manifest.create(fs, DIRECTORY, ID, 5, SNAPSHOT);
  fs.journal.length = 0;
  manifest.append(add(2, table(9, 'a', 'z')));
  // The second append is the seal, which needs no sync.
  assert.deepEqual(fs.journal, [`append ${MANIFEST}`, `sync ${MANIFEST}`, `append ${MANIFEST}`]);
});

test('an edit whose seal could not be written may count, and is the last one', () => {
  const inner = memory();
  const fs = new JournalFileSystem(inner);
  const manifest = Manifest.create(fs, DIRECTORY, ID, 5, SNAPSHOT);
  fs.failAt = fs.operations + 2;
  expectError('LSM_IO', () => manifest.append(add(2, table(9, 'a', 'z'))));
  expectError('LSM_IO', () => manifest.append(add(3, table(10, 'a', 'z'))));
  manifest.close();
  const contents = Manifest.recover(inner, DIRECTORY);
  assert.deepEqual(contents.version.levels.map(numbers), [[4], [2], [9], [], [], [], []]);
});

test('CURRENT moves only after the manifest and the directory are on the disk', () => {
  const fs = new JournalFileSystem(memory());
  Manifest.create(fs, DIRECTORY, ID, 5, SNAPSHOT);
  // The name first: what the snapshot names may be on the disk with its own by the same sync.
  assert.deepEqual(fs.journal, [
    `create ${MANIFEST}`,
    `append ${MANIFEST}`,
    'sync /db',
    `append ${MANIFEST}`,
    `append ${MANIFEST}`,
    `sync ${MANIFEST}`,
    'status /db/CURRENT.tmp',
    'create /db/CURRENT.tmp',
    'append /db/CURRENT.tmp',
    'sync /db/CURRENT.tmp',
    'close /db/CURRENT.tmp',
    'rename /db/CURRENT.tmp /db/CURRENT',
    'sync /db',
  ]);
});

test('a CURRENT.tmp that a crash left behind is in nobody’s way', () => {
  const fs = memory();
  fs.createFile('/db/CURRENT.tmp').append(Uint8Array.of(1, 2, 3));
  Manifest.create(fs, DIRECTORY, ID, 5, SNAPSHOT).close();
  assert.equal(Manifest.recover(fs, DIRECTORY).manifestNumber, 5);
  assert.equal(fs.status('/db/CURRENT.tmp'), undefined);
});

test('a new manifest takes the place of the old one', () => {
  const fs = written(add(2, table(9, 'a', 'z')));
  Manifest.create(fs, DIRECTORY, ID, 12, { ...add(3, table(9, 'a', 'z')), lastSequence: 100 }).close();
  const contents = Manifest.recover(fs, DIRECTORY);
  assert.equal(contents.manifestNumber, 12);
  assert.deepEqual(contents.version.levels.map(numbers), [[], [], [], [9], [], [], []]);
});

test('creation that fails at any step leaves the old or the new manifest live, whole, and no open file', () => {
  for (let failAt = 0; ; failAt++) {
    const old = written();
    const fs = new JournalFileSystem(old);
    fs.failAt = failAt;
    let failed = false;
    try {
      Manifest.create(fs, DIRECTORY, ID, 12, { ...add(3, table(9, 'a', 'z')), lastSequence: 100 }).close();
    } catch (error) {
      assert.ok(error instanceof LsmError && error.code === 'LSM_IO', String(error));
      failed = true;
    }
    assert.equal(fs.openHandles, 0);
    const { manifestNumber, version } = Manifest.recover(old, DIRECTORY);
    if (!failed) {
      assert.equal(manifestNumber, 12);
      assert.ok(failAt > 8, 'the steps were counted');
      return;
    }
    assert.deepEqual(numbers(version.levels[manifestNumber === 5 ? 1 : 3]), [manifestNumber === 5 ? 2 : 9]);
  }
});

test('after a failed append the manifest takes nothing more', () => {
  for (const operation of [0, 1]) {
    const fs = new JournalFileSystem(memory());
    const manifest = Manifest.create(fs, DIRECTORY, ID, 5, SNAPSHOT);
    fs.failAt = fs.operations + operation;
    const first = expectError('LSM_IO', () => manifest.append(add(2, table(9, 'a', 'z'))));
    const before = fs.operations;
    assert.equal(
      expectError('LSM_IO', () => manifest.append(add(3, table(10, 'a', 'z')))),
      first,
    );
    assert.equal(fs.operations, before, 'the file was not touched again');
    manifest.close();
    assert.equal(fs.openHandles, 0);
  }
});

test('a directory without CURRENT holds no database', () => {
  expectError('LSM_NOT_FOUND', () => Manifest.recover(memory(), DIRECTORY));
});

test('a manifest that CURRENT names and that is missing is damage', () => {
  const fs = written();
  fs.remove(MANIFEST);
  assert.equal(expectError('LSM_CORRUPTION', () => Manifest.recover(fs, DIRECTORY)).file, MANIFEST);
});

test('recovery closes its files, also when it fails', () => {
  const inner = written(add(2, table(9, 'a', 'z')));
  for (let failAt = 0; ; failAt++) {
    const fs = new JournalFileSystem(inner);
    fs.failAt = failAt;
    let failed = false;
    try {
      Manifest.recover(fs, DIRECTORY);
    } catch {
      failed = true;
    }
    assert.equal(fs.openHandles, 0);
    if (!failed) return;
  }
});

test('a manifest of another database is not taken', () => {
  const fs = written();
  const other = memory();
  Manifest.create(other, DIRECTORY, new Uint8Array(16), 5, SNAPSHOT).close();
  const mixed = replace(fs, MANIFEST, readWholeFile(other, MANIFEST, LIMIT));
  expectError('LSM_CORRUPTION', () => Manifest.recover(mixed, DIRECTORY));
});

test('the bytes of CURRENT are fixed', () => {
  const bytes = toHex(readWholeFile(written(), CURRENT, LIMIT));
  const size = written().status(MANIFEST)?.bytes ?? 0;
  const hexSize = size.toString(16).padStart(4, '0');
  assert.equal(
    bytes.slice(0, -8),
    `4d4c534d43555200 01000000 0500000000000000 ${hexSize.slice(2)}${hexSize.slice(0, 2)}000000000000 ${toHex(ID)}`.replace(
      / /g,
      '',
    ),
  );
  assert.equal(bytes.length, 96);
});

test('every flipped bit of CURRENT is found', () => {
  const fs = written();
  const bytes = readWholeFile(fs, CURRENT, LIMIT);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    const error = expectError('LSM_CORRUPTION', () =>
      Manifest.recover(replace(fs, CURRENT, flipped), DIRECTORY),
    );
    assert.equal(error.file, CURRENT);
  }
});

test('a CURRENT of any other length is found', () => {
  const fs = written();
  const bytes = readWholeFile(fs, CURRENT, LIMIT);
  for (let length = 0; length < bytes.length; length++) {
    expectError('LSM_CORRUPTION', () =>
      Manifest.recover(replace(fs, CURRENT, bytes.slice(0, length)), DIRECTORY),
    );
  }
  const longer = Uint8Array.from([...bytes, 0]);
  expectError('LSM_CORRUPTION', () => Manifest.recover(replace(fs, CURRENT, longer), DIRECTORY));
});

const EDITS: readonly VersionEdit[] = [
  { ...add(0, l0Table(3, 7, 'b', 'x')), lastSequence: 110, addedLogs: [6] },
  {
    added: [{ level: 1, table: table(8, 'a', 'z') }],
    deleted: [...remove(0, 4, 7).deleted, ...remove(1, 2).deleted],
  },
];

const SEAL_BYTES = RECORD_HEADER_BYTES;

test('a manifest cut anywhere is damage within its snapshot, and a torn last edit after it', () => {
  const fs = written(...EDITS);
  const bytes = readWholeFile(fs, MANIFEST, LIMIT);
  const snapshotEnd = written().status(MANIFEST)?.bytes ?? 0;
  const sealEnd = written(EDITS[0]).status(MANIFEST)?.bytes ?? 0;
  /** Ends of whole records from the snapshot on, and what the manifest says up to there. */
  const ends = [snapshotEnd, sealEnd - SEAL_BYTES, sealEnd, bytes.length - SEAL_BYTES];
  const states = [written(), written(EDITS[0]), written(EDITS[0]), fs].map((state) =>
    essence(Manifest.recover(state, DIRECTORY)),
  );
  for (let length = 0; length < bytes.length; length++) {
    const cut = replace(fs, MANIFEST, bytes.slice(0, length));
    if (length < snapshotEnd) {
      expectError('LSM_CORRUPTION', () => Manifest.recover(cut, DIRECTORY));
      continue;
    }
    const contents = Manifest.recover(cut, DIRECTORY);
    const whole = ends.findLastIndex((end) => end <= length);
    assert.deepEqual(essence(contents), states[whole]);
    assert.equal(contents.discardedBytes, length - ends[whole]);
  }
});

test('every flipped bit of a manifest is damage, but in the seal of its last edit it is harmless', () => {
  const fs = written(...EDITS);
  const bytes = readWholeFile(fs, MANIFEST, LIMIT);
  const lastSeal = bytes.length - SEAL_BYTES;
  const whole = essence(Manifest.recover(fs, DIRECTORY));
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = bytes.slice();
      flipped[at] ^= 1 << bit;
      const damaged = replace(fs, MANIFEST, flipped);
      if (at < lastSeal) {
        expectError('LSM_CORRUPTION', () => Manifest.recover(damaged, DIRECTORY));
      } else {
        const contents = Manifest.recover(damaged, DIRECTORY);
        assert.equal(contents.discardedBytes, SEAL_BYTES);
        assert.deepEqual(essence(contents), whole);
      }
    }
  }
});

test('an edit that a crash cut short, so that it has no seal, is left out and reported', () => {
  const fs = written(...EDITS);
  const bytes = readWholeFile(fs, MANIFEST, LIMIT);
  const before = written(EDITS[0]);
  const sealEnd = before.status(MANIFEST)?.bytes ?? 0;
  const torn = bytes.slice(0, bytes.length - SEAL_BYTES);
  torn.fill(0, sealEnd + 30);
  const contents = Manifest.recover(replace(fs, MANIFEST, torn), DIRECTORY);
  assert.deepEqual(essence(contents), essence(Manifest.recover(before, DIRECTORY)));
  assert.equal(contents.discardedBytes, torn.length - sealEnd);
});

/** Edits that keep their checksums and break a rule. */
const UNSOUND: Readonly<Record<string, VersionEdit>> = {
  'adds a table twice': add(2, table(4, 'x', 'z')),
  'adds a table twice in one edit': add(2, table(9, 'a', 'b'), table(9, 'c', 'd')),
  'deletes a table that is not there': remove(1, 9),
  'deletes a table from another level': remove(2, 2),
  'deletes from a level that no tree has': remove(200, 2),
  'adds to a level that no tree has': add(16, table(9, 'a', 'b')),
  'overlaps a table of its level': add(1, table(9, 'c', 'd')),
  'has its keys upside down': add(2, table(9, 'd', 'c')),
  'has no entries': add(2, table(9, 'a', 'b', { entryCount: 0 })),
  'has more keys than entries': add(2, table(9, 'a', 'b', { keyCount: 11 })),
  'has more entries than its file can hold': add(2, table(9, 'a', 'b', { entryCount: 15_938 })),
  'has a size beyond 2^53': add(2, table(9, 'a', 'b', { fileBytes: 2 ** 53 })),
  'has sequences above the last one': add(2, table(9, 'a', 'b', { maxSequence: 101 })),
  'has its sequences upside down': add(2, table(9, 'a', 'b', { minSequence: 11 })),
  'has an epoch below L0': add(2, l0Table(5, 9, 'a', 'b')),
  'has an epoch that is taken': add(0, l0Table(2, 9, 'a', 'b')),
  'has file number 0': add(2, table(0, 'a', 'b')),
  'takes back sequences': { added: [], deleted: [], lastSequence: 99 },
  'takes back file numbers': { added: [], deleted: [], nextFileNumber: 5 },
  'takes back epochs': { added: [], deleted: [], nextEpoch: 2 },
  'brings back obsolete logs': { added: [], deleted: [], logNumber: 2 },
  'adds an obsolete log': { added: [], deleted: [], addedLogs: [2] },
  'adds log 0': { added: [], deleted: [], addedLogs: [0] },
  'adds a log twice': { added: [], deleted: [], addedLogs: [3] },
};

for (const [name, edit] of Object.entries(UNSOUND)) {
  test(`an edit that ${name} is damage at its offset`, () => {
    const offset = written().status(MANIFEST)?.bytes;
    const error = expectError('LSM_CORRUPTION', () => Manifest.recover(written(edit), DIRECTORY));
    assert.equal(error.file, MANIFEST);
    assert.equal(error.offset, offset);
  });
}

test('file numbers and epochs are never given out again, also if no edit says so', () => {
  const fs = written({ ...add(0, l0Table(9, 20, 'a', 'b')), addedLogs: [30], lastSequence: 100 });
  const contents = Manifest.recover(fs, DIRECTORY);
  assert.equal(contents.nextFileNumber, 31);
  assert.equal(contents.nextEpoch, 10);
});

test('the messages of errors hold no keys', () => {
  const secret = key('secret-key');
  const edit = add(1, table(9, 'b', 'c', { smallest: secret, largest: Uint8Array.of(0) }));
  const error = expectError('LSM_CORRUPTION', () => Manifest.recover(written(edit), DIRECTORY));
  assert.doesNotMatch(error.message, /secret/);
});
