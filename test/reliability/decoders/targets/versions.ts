/** CURRENT, the names of files, the manifest and its edits. */
import { ByteWriter } from '../../../../src/bytes/byte-writer.ts';
import { crc32 } from '../../../../src/bytes/crc32.ts';
import { writeU32 } from '../../../../src/bytes/integers.ts';
import { isLockFileName, lockFileName, parseLockGeneration } from '../../../../src/fs/lock-file-name.ts';
import { logName, logNumber } from '../../../../src/leveldb/file-names.ts';
import { CURRENT_BYTES, decodeCurrent, encodeCurrent } from '../../../../src/version/current-file.ts';
import {
  CURRENT_FILE_NAME,
  manifestFileName,
  parseFileName,
  tableFileName,
  walFileName,
} from '../../../../src/version/file-names.ts';
import { levelDbManifestName } from '../../../../src/version/leveldb-directory.ts';
import { Manifest } from '../../../../src/version/manifest.ts';
import {
  type AddedTable,
  decodeEdit,
  encodeEdit,
  type VersionEdit,
} from '../../../../src/version/version-edit.ts';
import { SECRET, type Target } from '../target.ts';
import { check, checkSameBytes } from './checks.ts';
import { DATABASE_ID, DIRECTORY, diskOf, written } from './disk.ts';
import { mendLog } from './logs.ts';

const CURRENT_PATH = `${DIRECTORY}/${CURRENT_FILE_NAME}`;
const MANIFEST_NAME = manifestFileName(7);
const MANIFEST_PATH = `${DIRECTORY}/${MANIFEST_NAME}`;

const current: Target = {
  name: 'current',
  covers: ['src/version/current-file'],
  seeds: () => [encodeCurrent({ databaseId: DATABASE_ID, manifestNumber: 7, manifestBytes: 500 })],
  mend: (bytes) => {
    if (bytes.length >= CURRENT_BYTES) writeU32(bytes, CURRENT_BYTES - 4, crc32(bytes, 0, CURRENT_BYTES - 4));
  },
  run(bytes) {
    checkSameBytes(encodeCurrent(decodeCurrent(bytes, CURRENT_PATH)), bytes, 'CURRENT written again');
  },
};

const names: Target = {
  name: 'file names',
  covers: [
    'src/version/file-names',
    'src/version/leveldb-directory',
    'src/fs/lock-file-name',
    'src/leveldb/file-names',
  ],
  longest: 64,
  seeds: () =>
    [
      '000012.sst',
      '000013.wal',
      'MANIFEST-000014',
      'CURRENT',
      'CURRENT.tmp',
      'LOCK-000001',
      '000015.log',
      'MANIFEST-000016\n',
    ].map(latin1),
  words: [
    '9007199254740992',
    '9999999999999999',
    '0',
    'MANIFEST-',
    '.sst',
    '.wal',
    '.log',
    'LOCK-',
    '.tmp',
    '\n',
  ],
  run(bytes) {
    const name = String.fromCharCode(...bytes);
    const parsed = parseFileName(name);
    const again = {
      table: tableFileName,
      wal: walFileName,
      manifest: manifestFileName,
      current: () => 'CURRENT',
      'current-temporary': () => 'CURRENT.tmp',
      lock: () => name,
    };
    if (parsed !== undefined) {
      check(again[parsed.kind](parsed.number) === name, 'a name is that of its number');
      check(!/[/\\\0]/.test(name), 'no name leads out of its directory');
    }
    const generation = parseLockGeneration(name);
    if (generation !== undefined)
      check(lockFileName(generation) === name, 'a lock is named by its generation');
    check((parsed?.kind === 'lock') === isLockFileName(name), 'locks are told by their names');
    const log = logNumber(name);
    if (log !== undefined)
      check(Number(name.slice(0, -4)) === log && logName(log).endsWith('.log'), 'a log number');
    const manifest = levelDbManifestName(bytes);
    if (manifest !== undefined) check(`${manifest}\n` === name, 'CURRENT names a manifest and nothing else');
  },
};

function added(level: number, fileNumber: number, smallest: string, largest: string): AddedTable {
  const counts = { fileBytes: 900, entryCount: 5, tombstoneCount: 1, keyCount: 4, dataBytes: 300 };
  const table = {
    fileNumber,
    ...counts,
    minSequence: 10 * fileNumber,
    maxSequence: 10 * fileNumber + 9,
    epoch: level === 0 ? fileNumber : 0,
    smallest: latin1(smallest),
    largest: latin1(largest),
  };
  return { level, table };
}

const EDITS: readonly VersionEdit[] = [
  {
    added: [
      added(0, 12, `${SECRET}a`, `${SECRET}m`),
      added(0, 11, '', `${SECRET}z`),
      added(1, 9, `${SECRET}a`, `${SECRET}b`),
    ],
    deleted: [],
    logNumber: 13,
    addedLogs: [13, 14],
    nextFileNumber: 20,
    lastSequence: 500,
    nextEpoch: 15,
    options: new Map([['compaction', 'leveled']]),
  },
  {
    added: [added(1, 15, `${SECRET}c`, `${SECRET}d`)],
    deleted: [{ level: 0, fileNumber: 11 }],
    lastSequence: 900,
  },
  { added: [added(2, 9, `${SECRET}a`, `${SECRET}b`)], deleted: [{ level: 1, fileNumber: 9 }] },
  { added: [], deleted: [], addedLogs: [21], logNumber: 14 },
];

function editBytes(edit: VersionEdit): Uint8Array {
  const writer = new ByteWriter();
  encodeEdit(edit, writer);
  return writer.view().slice();
}

const edit: Target = {
  name: 'version edit',
  covers: ['src/version/version-edit'],
  seeds: () => EDITS.map(editBytes),
  run(bytes) {
    const decoded = decodeEdit(bytes, 0, bytes.length, MANIFEST_PATH, 0);
    // Fields may stand in any order, and text that is not UTF-8 is read as U+FFFD: only the second time is like the first.
    const once = editBytes(decoded);
    const twice = editBytes(decodeEdit(once, 0, once.length, MANIFEST_PATH, 0));
    checkSameBytes(twice, once, 'an edit written again');
    check(once.length <= 3 * bytes.length, 'an edit does not grow');
  },
};

function writtenManifest(): Uint8Array[] {
  const [first, ...more] = EDITS;
  return written((fs) => {
    const manifest = Manifest.create(fs, DIRECTORY, DATABASE_ID, 7, first);
    for (const next of more) manifest.append(next);
    manifest.close();
  }, MANIFEST_NAME);
}

const manifest: Target = {
  name: 'manifest',
  covers: ['src/version/', 'src/log/log-reader'],
  seeds: writtenManifest,
  mend: mendLog,
  run(bytes) {
    const named = encodeCurrent({ databaseId: DATABASE_ID, manifestNumber: 7, manifestBytes: 48 });
    const contents = Manifest.recover(
      diskOf({ [CURRENT_FILE_NAME]: named, [MANIFEST_NAME]: bytes }),
      DIRECTORY,
    );
    const { version, logs, nextFileNumber, lastSequence } = contents;
    for (const tables of version.levels) {
      for (const table of tables) {
        check(table.fileNumber < nextFileNumber, 'no table has a number that is given out again');
        check(table.maxSequence <= lastSequence, 'no table is newer than the last write');
      }
    }
    check(
      logs.every((log) => log < nextFileNumber && log >= contents.logNumber),
      'logs that count',
    );
    check(contents.discardedBytes <= bytes.length - 48, 'the header is never discarded');
  },
};

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export const VERSION_TARGETS: readonly Target[] = [current, names, edit, manifest];
