/** What an import reads of LevelDB's: logs, batches, manifests and their edits, tables, blocks and keys. */
import { readU16, writeU32 } from '../../../../src/bytes/integers.ts';
import { corruption, type LsmError } from '../../../../src/errors.ts';
import { LevelDbBatchReader } from '../../../../src/leveldb/batch-reader.ts';
import { BlockEntries } from '../../../../src/leveldb/block-entries.ts';
import { ByteReader } from '../../../../src/leveldb/byte-reader.ts';
import { crc32c, masked } from '../../../../src/leveldb/crc32c.ts';
import { Damage } from '../../../../src/leveldb/damage.ts';
import { decodeInternalKey } from '../../../../src/leveldb/internal-key.ts';
import { LevelDbLogReader } from '../../../../src/leveldb/log-reader.ts';
import { readLevelDbManifest } from '../../../../src/leveldb/manifest.ts';
import { LevelDbTable } from '../../../../src/leveldb/table.ts';
import { LevelDbTableCursor } from '../../../../src/leveldb/table-cursor.ts';
import { Tally } from '../../../../src/leveldb/tally.ts';
import { decodeEdit } from '../../../../src/leveldb/version-edit.ts';
import * as builders from '../../../leveldb/builders.ts';
import { SECRET, type Target } from '../target.ts';
import { check, checkSameBytes } from './checks.ts';
import { DIRECTORY, diskOf } from './disk.ts';

const LOG = '000009.log';
const TABLE = '000005.ldb';
const MANIFEST = 'MANIFEST-000008';

const BATCHES: readonly Uint8Array[] = [
  builders.batch(7, [`${SECRET}a`, `${SECRET}1`], [`${SECRET}b`, undefined]),
  builders.batch(9, [`${SECRET}c`, SECRET.repeat(50)]),
  builders.batch(10),
];

/** Where data blocks of a log end. */
const BLOCK_BYTES = 32_768;

/** Makes the checksum of every fragment right, as far as their lengths lead. */
function mendFragments(bytes: Uint8Array): void {
  for (let at = 0; at + 7 <= bytes.length; ) {
    const blockEnd = Math.min(bytes.length, at - (at % BLOCK_BYTES) + BLOCK_BYTES);
    if (blockEnd - at < 7) {
      at = blockEnd;
      continue;
    }
    const length = Math.min(readU16(bytes, at + 4), blockEnd - at - 7);
    writeU32(bytes, at, masked(crc32c(bytes, at + 6, length + 1)));
    at += 7 + length;
  }
}

function logSeeds(): Uint8Array[] {
  const half = BATCHES[1].length >> 1;
  const parts = [
    builders.fragment(2, BATCHES[1].subarray(0, half)),
    builders.fragment(3, BATCHES[1].subarray(half, half + 9)),
    builders.fragment(4, BATCHES[1].subarray(half + 9)),
  ];
  return [builders.log(...BATCHES), builders.concat(...parts, builders.log(BATCHES[0]), new Uint8Array(40))];
}

const log: Target = {
  name: 'leveldb log',
  covers: ['src/leveldb/log-', 'src/leveldb/damage'],
  seeds: logSeeds,
  mend: mendFragments,
  memory: { base: 256 * 1024, perByte: 64 },
  // A torn fragment is looked at with every length that it may have had.
  run(bytes) {
    const read = (
      salvage: boolean,
      mayBeTorn: boolean,
    ): { records: number; skipped: number; error?: unknown } => {
      const damage = new Damage(salvage);
      const reader = new LevelDbLogReader(diskOf({ [LOG]: bytes }), `${DIRECTORY}/${LOG}`, damage, {
        mayBeTorn,
      });
      let records = 0;
      try {
        while (reader.next()) {
          check(reader.recordOffset + reader.payloadLength <= bytes.length, 'a record lies in its file');
          records++;
        }
      } catch (error) {
        return { records, skipped: damage.parts, error };
      }
      check(reader.discardedBytes <= bytes.length, 'no more is discarded than there is');
      return { records, skipped: damage.parts };
    };
    const strict = read(false, true);
    const salvaged = read(true, false);
    check(salvaged.error === undefined, 'salvaging goes to the end');
    check(salvaged.records >= strict.records, 'salvaging finds what reading finds');
    if (strict.error !== undefined) {
      check(salvaged.skipped > 0, 'what reading refuses is noted when salvaging');
      throw strict.error;
    }
  },
};

const batch: Target = {
  name: 'leveldb batch',
  covers: ['src/leveldb/batch-reader', 'src/leveldb/byte-reader'],
  seeds: () => BATCHES,
  run(bytes) {
    const reader = new LevelDbBatchReader();
    reader.reset(bytes, 0, bytes.length, `${DIRECTORY}/${LOG}`, 0);
    let end = 12;
    while (reader.next()) {
      check(
        reader.keyStart > end && reader.valueStart >= reader.keyStart + reader.keyLength,
        'entries follow each other',
      );
      end = reader.valueStart + reader.valueLength;
    }
    check(end === bytes.length, 'the entries fill the batch');
  },
};

const FIELDS: readonly Uint8Array[] = [
  builders.field.added({
    level: 2,
    number: 5,
    bytes: 500,
    smallest: builders.internalKey(`${SECRET}a`, 3),
    largest: builders.internalKey(`${SECRET}m`, 90),
  }),
  builders.field.deleted(0, 4),
  builders.field.previousLog(8),
  builders.concat([5, 1], builders.prefixed(builders.internalKey(`${SECRET}p`, 6))),
];

const edit: Target = {
  name: 'leveldb version edit',
  covers: ['src/leveldb/version-edit', 'src/leveldb/byte-reader', 'src/leveldb/internal-key'],
  seeds: () => [builders.edit(...FIELDS), ...FIELDS],
  run(bytes) {
    const { added, deleted } = decodeEdit(bytes, 0, bytes.length, `${DIRECTORY}/${MANIFEST}`, 0);
    for (const { level, table } of added) {
      check(level < 7 && Number.isSafeInteger(table.bytes) && Number.isSafeInteger(table.number), 'a table');
    }
    for (const { level, number } of deleted)
      check(level < 7 && Number.isSafeInteger(number), 'a deleted table');
  },
};

const manifest: Target = {
  name: 'leveldb manifest',
  covers: ['src/leveldb/manifest', 'src/leveldb/version-edit', 'src/leveldb/log-'],
  seeds: () => [
    builders.log(builders.edit(...FIELDS)),
    builders.log(
      builders.edit(),
      FIELDS[0],
      builders.field.added({
        level: 2,
        number: 6,
        bytes: 400,
        smallest: builders.internalKey(`${SECRET}n`, 4),
        largest: builders.internalKey(`${SECRET}z`, 5),
      }),
      builders.field.deleted(2, 5),
    ),
  ],
  mend: mendFragments,
  memory: { base: 256 * 1024, perByte: 64 },
  run(bytes) {
    const read = readLevelDbManifest(diskOf({ [MANIFEST]: bytes }), DIRECTORY, MANIFEST);
    check(read.discardedBytes <= bytes.length && read.levels.length === 7, 'a manifest of seven levels');
  },
};

const [FIRST, LAST] = [builders.internalKey(`${SECRET}a`, 9), builders.internalKey(`${SECRET}d`, 5)];

const CONTENTS: Uint8Array = builders.block([
  builders.entry(FIRST, builders.text(SECRET)),
  builders.entry(builders.internalKey(`${SECRET}b`, 8), builders.text(`${SECRET}2`), 4),
  builders.entry(builders.internalKey(`${SECRET}c`, 7, 0), new Uint8Array(0), 4),
]);

const block: Target = {
  name: 'leveldb block',
  covers: ['src/leveldb/block-entries', 'src/leveldb/byte-reader'],
  seeds: () => [CONTENTS],
  // A key may repeat the one before it and grow by a byte, entry by entry.
  memory: { base: 4096, perByte: 2048 },
  run(bytes) {
    const fault = (what: string): LsmError => corruption(`${DIRECTORY}/${TABLE}`, 0, what);
    const entries = new BlockEntries(fault);
    entries.attach(bytes, 0, bytes.length);
    while (entries.next()) {
      check(entries.valueStart + entries.valueLength <= bytes.length, 'a value lies in its block');
      check(entries.keyLength <= entries.key.length, 'a key lies in its memory');
    }
  },
};

/** Makes the checksums of the index and of the blocks right that it names. */
function mendTable(bytes: Uint8Array): void {
  const footer = bytes.length - 48;
  if (footer < 0) return;
  const fault = (what: string): LsmError => corruption(TABLE, 0, what);
  try {
    const reader = new ByteReader(fault).attach(bytes, footer, 40);
    reader.varint64();
    reader.varint64();
    const index = { offset: reader.varint64(), bytes: reader.varint64() };
    const entries = new BlockEntries(fault);
    entries.attach(bytes, index.offset, index.bytes);
    while (entries.next()) {
      reader.attach(bytes, entries.valueStart, entries.valueLength);
      mendBlock(bytes, reader.varint64(), reader.varint64());
    }
    mendBlock(bytes, index.offset, index.bytes);
  } catch {
    // What is no table leads no further.
  }
}

function mendBlock(bytes: Uint8Array, offset: number, length: number): void {
  if (offset + length + 5 > bytes.length) return;
  writeU32(bytes, offset + length + 1, masked(crc32c(bytes, offset, length + 1)));
}

const table: Target = {
  name: 'leveldb table',
  covers: ['src/leveldb/table', 'src/leveldb/block-entries', 'src/leveldb/snappy'],
  seeds: () => {
    const last = builders.block([builders.entry(LAST, builders.text(SECRET))]);
    const snappy = builders.concat(builders.varint(last.length), [(last.length - 1) << 2], last);
    return [
      builders.table([{ contents: CONTENTS }, { contents: last }]),
      builders.table([{ contents: CONTENTS }, { contents: snappy, compression: 1 }]),
    ];
  },
  mend: mendTable,
  memory: { base: 256 * 1024, perByte: 512 },
  firstSession: 50_000,
  run(bytes) {
    const fs = diskOf({ [TABLE]: bytes });
    const path = `${DIRECTORY}/${TABLE}`;
    const bound = (key: Uint8Array): { userKey: Uint8Array; sequence: number } => {
      const decoded = decodeInternalKey(key, 0, key.length);
      check(decoded !== undefined, 'a bound is a key');
      return decoded;
    };
    const meta = { number: 5, bytes: bytes.length, smallest: bound(FIRST), largest: bound(LAST), path };
    const salvage = new Damage(true);
    const salvager = new LevelDbTableCursor(fs, meta, salvage, new Tally());
    let salvaged = 0;
    for (salvager.seekToFirst(); salvager.valid; salvager.next()) salvaged++;
    const cursor = new LevelDbTableCursor(fs, meta, new Damage(false), new Tally());
    let shown = 0;
    for (cursor.seekToFirst(); cursor.valid; cursor.next()) shown++;
    check(
      salvage.parts === 0 && salvaged === shown,
      'what reads without an error reads the same when salvaging',
    );
    check(
      new LevelDbTable(fs, path, bytes.length).dataBlocks.length <= bytes.length,
      'as many blocks as fit',
    );
  },
};

const key: Target = {
  name: 'leveldb internal key',
  covers: ['src/leveldb/internal-key', 'src/leveldb/byte-reader'],
  longest: 64,
  seeds: () => [FIRST, LAST, Uint8Array.from(builders.varint(2 ** 40))],
  run(bytes) {
    const decoded = decodeInternalKey(bytes, 0, bytes.length);
    if (decoded !== undefined) {
      const { userKey, sequence } = decoded;
      const again = builders.concat(userKey, [bytes[userKey.length]], builders.u64(sequence).slice(0, 7));
      checkSameBytes(again, bytes, 'the key written again');
    }
    const reader = new ByteReader((what) => corruption(LOG, 0, what)).attach(bytes, 0, bytes.length);
    const number = reader.varint64();
    check(Number.isSafeInteger(number) && number >= 0, 'a varint is a safe number');
    const short = new ByteReader((what) => corruption(LOG, 0, what)).attach(bytes, 0, bytes.length);
    check(short.varint32() === number, 'both readers of varints agree');
  },
};

export const LEVELDB_TARGETS: readonly Target[] = [log, batch, edit, manifest, block, table, key];
