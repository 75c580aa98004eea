/**
 * R10: no byte of a table is used before its checksum was looked at. Every read of a table is falsified in
 * turn, in its first, its last and some other byte; whatever the database does with it must say so, and once
 * the read is right again so is the answer.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Compression } from '../../src/bytes/compression.ts';
import { LsmError } from '../../src/errors.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { MiniLsm } from '../../src/index.ts';
import type { Options } from '../../src/options.ts';
import { CorruptingFileSystem } from '../simulation/corrupting-file-system.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import type { Operation } from '../simulation/operation.ts';
import { CODECS } from '../support/codecs.ts';
import { BY_HAND, contentsOf, DATABASE, textOf } from '../support/small-database.ts';

const OPTIONS: Options = { ...BY_HAND, blockBytes: 128, tableBytes: 2048, cacheBytes: 0, maxOpenFiles: 1 };

const USES: Readonly<Record<string, (db: MiniLsm) => unknown>> = {
  'a point read': (db) => [textOf(db.get('key 17')), db.has('none')],
  'a scan': (db) => contentsOf(db),
  'a scan from the end': (db) => contentsOf(db, { reverse: true }),
  'a compaction': (db) => {
    db.compact();
    return contentsOf(db);
  },
};

/** Three runs of tables, one over the other. */
function filled(compression: Compression): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...OPTIONS, compression, fileSystem: disk });
  for (let round = 0; round < 3; round++) {
    for (let i = round; i < 40; i += round + 1) db.put(`key ${i}`, `value ${round} ${i} `.padEnd(60, '.'));
    db.flush();
  }
  db.close();
  return disk;
}

function tableReads(trace: readonly Operation[]): readonly Operation[] {
  return trace.filter(({ path }) => path.endsWith('.sst'));
}

for (const compression of CODECS) {
  describe(`a wrong byte in a read of a table (compression ${compression})`, () => {
    const disk = filled(compression);
    for (const [name, use] of Object.entries(USES)) {
      test(`is noticed by ${name}, wherever it is, and does no harm when it is gone`, () => {
        const counting = new FaultyFileSystem(disk.crashClone(), undefined, new Set(['read']));
        const whole = MiniLsm.open(DATABASE, { ...OPTIONS, compression, fileSystem: counting });
        const before = counting.operations;
        const answer = use(whole);
        const reads = tableReads(counting.trace.slice(before));
        assert.ok(reads.length >= 3);
        whole.close();
        for (const [index, { path, position = 0, bytes = 0 }] of reads.entries()) {
          for (const at of new Set([0, (index * 37) % bytes, bytes - 1])) {
            const fs = new CorruptingFileSystem(disk.crashClone());
            const db = MiniLsm.open(DATABASE, { ...OPTIONS, compression, fileSystem: fs });
            const flip = { path, position: position + at, mask: 1 << (index % 8) };
            fs.arm(flip);
            assert.throws(
              () => use(db),
              (error) => error instanceof LsmError && error.code === 'LSM_CORRUPTION' && error.file === path,
              `byte ${at} of ${bytes} at ${position} in ${path}`,
            );
            assert.ok(fs.flips > 0);
            // A byte that is wrong once is read again before anybody speaks of damage.
            fs.arm({ ...flip, once: true });
            assert.deepEqual(use(db), answer);
            db.close();
          }
        }
      });
    }
  });
}
