/** Where every version of every key stands in the files of a scene, to the byte. */
import { BlockCache } from '../../../src/cache/block-cache.ts';
import { KIND_PUT } from '../../../src/keys/internal-key.ts';
import { RECORD_HEADER_BYTES } from '../../../src/log/log-format.ts';
import { LogReader } from '../../../src/log/log-reader.ts';
import { BlockCursor } from '../../../src/sstable/block-cursor.ts';
import { FOOTER_BYTES } from '../../../src/sstable/format.ts';
import { readBlock } from '../../../src/sstable/section-reader.ts';
import { Table } from '../../../src/sstable/table.ts';
import { readCurrent } from '../../../src/version/current-file.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import { BatchReader } from '../../../src/wal/batch-reader.ts';
import type { Scene, SceneFile } from '../damage/scenes.ts';

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A version of a key, and all bytes of its file that must be whole for a repair to find it. */
export interface StoredVersion {
  readonly path: string;
  readonly needs: readonly Range[];
  readonly key: string;
  readonly sequence: number;
  /** Undefined for a deletion. */
  readonly value: string | undefined;
}

export function storedVersions(scene: Scene): StoredVersion[] {
  const { databaseId } = readCurrent(scene.disk, scene.directory);
  return scene.files.flatMap((file) => {
    const fileNumber = parseFileName(file.name)?.number ?? 0;
    if (file.kind === 'wal') return [...inLog(scene, file, databaseId, fileNumber)];
    return file.kind === 'table' ? [...inTable(scene, file, databaseId, fileNumber)] : [];
  });
}

function* inLog(
  scene: Scene,
  { path }: SceneFile,
  databaseId: Uint8Array,
  fileNumber: number,
): Generator<StoredVersion> {
  const identity = { kind: 'wal', databaseId, fileNumber } as const;
  const log = LogReader.open(scene.disk, path, identity, { maxRecordBytes: 1 << 20 });
  const batch = new BatchReader();
  while (log.next()) {
    if (log.payloadLength === 0) continue;
    const start = log.recordOffset;
    const needs = [{ start, end: start + RECORD_HEADER_BYTES + log.payloadLength }];
    batch.reset(log.payload, log.payloadStart, log.payloadLength, path, start);
    for (let sequence = batch.sequence; batch.next(); sequence++) {
      const { buffer, kind, keyStart, keyLength, valueStart, valueLength } = batch;
      const key = hex(buffer, keyStart, keyLength);
      const value = kind === KIND_PUT ? hex(buffer, valueStart, valueLength) : undefined;
      yield { path, needs, key, sequence, value };
    }
  }
  log.close();
}

/** Only the footer and the index say where blocks are; filter and properties are not needed. */
function* inTable(
  scene: Scene,
  { path, bytes }: SceneFile,
  databaseId: Uint8Array,
  fileNumber: number,
): Generator<StoredVersion> {
  const file = scene.disk.openFile(path);
  const table = new Table(file, { databaseId, fileNumber }, new BlockCache(0, 1));
  const cursor = new BlockCursor();
  function* below(
    offset: number,
    length: number,
    level: number,
    above: readonly Range[],
  ): Generator<StoredVersion> {
    const needs = [...above, { start: offset, end: offset + length }];
    const block = readBlock(file, table.seed, level === 0 ? 'data' : 'index', offset, length);
    if (level > 0) {
      for (let child = 0; child < block.count; child++) {
        yield* below(block.childOffset(child), block.childLength(child), level - 1, needs);
      }
      return;
    }
    cursor.attach(block);
    for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
      const { sequence, kind } = cursor;
      const key = hex(cursor.key, cursor.keyStart, cursor.keyLength);
      const value = kind === KIND_PUT ? hex(cursor.value, cursor.valueStart, cursor.valueLength) : undefined;
      yield { path, needs, key, sequence, value };
    }
  }
  const { root, indexHeight } = table.footer;
  const footer = { start: bytes.length - FOOTER_BYTES, end: bytes.length };
  yield* below(root.offset, root.length, indexHeight, [footer]);
  file.close();
}

function hex(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('hex');
}
