/**
 * A bit flipped at any byte of any file of a database: it is refused with the file and the offset, or makes no
 * difference, or, in the part of the last log that was never synced, costs the batches from there on, which is
 * reported. It is never a wrong answer.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import { filesIn, namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { Model, type ModelEntry, toText } from '../../support/model.ts';
import { BY_HAND, DATABASE } from '../../support/small-database.ts';

failOnLeaks();

const OPTIONS = { ...BY_HAND, blockBytes: 64, tableBytes: 1024 };

interface Written {
  readonly fs: MemoryFileSystem;
  /** What the database held after each batch of its last log, the last state last. */
  readonly states: readonly Model[];
}

/** Two tables in two levels, a few edits in the manifest, and batches in the log, every other one synced. */
function written(leave: 'killed' | 'closed'): Written {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...OPTIONS, fileSystem: fs });
  const model = new Model();
  const put = (batch: WriteBatch, key: string, value: string): void => {
    batch.put(key, value);
    model.put(key, Buffer.from(value));
  };
  const states: Model[] = [];
  for (let round = 0; round < 7; round++) {
    const batch = new WriteBatch();
    for (let i = round; i < 12; i += 1 + (round % 3)) put(batch, `key ${i}`, `value ${round} ${i}`);
    if (round % 2 === 1) {
      batch.delete(`key ${round}`);
      model.delete(`key ${round}`);
    }
    db.write(batch, { sync: round % 2 === 0 });
    if (round === 1) db.compact();
    if (round === 3) db.flush();
    if (round >= 3) states.push(model.clone());
  }
  if (leave === 'closed') db.close();
  return { fs: fs.crashClone(), states };
}

/** What reading everything gives: the state that all answers agree with, or that something was refused. */
type Outcome = 'refused at open' | 'refused' | 'the same' | 'an earlier state';

function isRefusal(error: unknown): boolean {
  if (!(error instanceof LsmError)) return false;
  if (error.code !== 'LSM_CORRUPTION' && error.code !== 'LSM_UNSUPPORTED_FORMAT') return false;
  assert.ok(error.file !== undefined && error.offset !== undefined, `${error.message} names a place`);
  return true;
}

/** Runs a read; true if it was refused. */
function refuses(read: () => void): boolean {
  try {
    read();
    return false;
  } catch (error) {
    if (isRefusal(error)) return true;
    throw error;
  }
}

/** Opens a database with a flaw and reads everything in every way. */
function examine(fs: MemoryFileSystem, states: readonly Model[]): { outcome: Outcome; verified: boolean } {
  let db: MiniLsm;
  try {
    db = MiniLsm.open(DATABASE, { ...OPTIONS, fileSystem: fs });
  } catch (error) {
    if (isRefusal(error)) return { outcome: 'refused at open', verified: false };
    throw error;
  }
  try {
    const last = states[states.length - 1];
    const state = states.findLast((model) => model.size > 0 && agrees(db, model)) ?? last;
    const refusals = [
      refuses(() => compareWalk(db.scan(), state.entries())),
      refuses(() => compareWalk(db.scan({ reverse: true, fillCache: false }), state.entries().reverse())),
      ...last.entries().map(([key]) => {
        return refuses(() => assert.equal(toText(db.get(key)), toText(state.get(key))));
      }),
      refuses(() => assert.equal(db.get('key 0 and none'), undefined)),
    ];
    const verified = db.verify().ok;
    if (refusals.includes(true)) return { outcome: 'refused', verified };
    if (state === last) return { outcome: 'the same', verified };
    assert.ok(db.recovery.bytesDiscarded > 0, 'what was cut off is reported');
    return { outcome: 'an earlier state', verified };
  } finally {
    db.close();
  }
}

function agrees(db: MiniLsm, model: Model): boolean {
  return model.entries().every(([key, value]) => {
    try {
      return toText(db.get(key)) === toText(value);
    } catch {
      return true;
    }
  });
}

/** Every entry is right, up to where the walk is refused. */
function compareWalk(found: Iterable<ModelEntry>, expected: readonly ModelEntry[]): void {
  let at = 0;
  for (const [key, value] of found) {
    assert.ok(at < expected.length);
    assert.equal(toText(key), toText(expected[at][0]));
    assert.equal(toText(value), toText(expected[at][1]));
    at += 1;
  }
  assert.equal(at, expected.length);
}

for (const leave of ['killed', 'closed'] as const) {
  describe(`in a database that was ${leave}, a flipped bit`, () => {
    const { fs, states } = written(leave);

    /** Flips one bit of every byte of a file. */
    function flipEach(
      name: string,
      judge: (outcome: Outcome, verified: boolean, offset: number) => void,
    ): void {
      const path = joinPath(DATABASE, name);
      const bytes = readBytes(fs, path);
      for (let offset = 0; offset < bytes.length; offset++) {
        const flawed = bytes.slice();
        flawed[offset] ^= 1 << ((offset * 5) % 8);
        const disk = fs.crashClone();
        replaceFile(disk, path, flawed);
        const before = filesIn(disk, DATABASE);
        const { outcome, verified } = examine(disk, states);
        judge(outcome, verified, offset);
        if (outcome !== 'refused at open') continue;
        for (const [file, content] of before) {
          assert.deepEqual(readBytes(disk, joinPath(DATABASE, file)), content, `${file} is left as it was`);
        }
      }
    }

    test('in CURRENT is refused at open', () => {
      flipEach('CURRENT', (outcome, _, offset) => assert.equal(outcome, 'refused at open', `at ${offset}`));
    });

    test('in the manifest is refused or makes no difference', () => {
      const [name] = namesOfKind(fs, DATABASE, 'manifest');
      flipEach(name, (outcome, _, offset) => assert.notEqual(outcome, 'an earlier state', `at ${offset}`));
    });

    test('in a table is refused where it is read, or makes no difference, and verify always finds it', () => {
      const names = namesOfKind(fs, DATABASE, 'table');
      assert.equal(names.length, 2);
      for (const name of names) {
        flipEach(name, (outcome, verified, offset) => {
          assert.notEqual(outcome, 'an earlier state', `at ${offset}`);
          assert.equal(verified, false, `verify of ${name} with a flaw at ${offset}`);
        });
      }
    });

    test('in the log is refused, or costs what was not synced, which is reported', () => {
      const [name] = namesOfKind(fs, DATABASE, 'wal');
      const outcomes = new Set<Outcome>();
      flipEach(name, (outcome, _, offset) => {
        outcomes.add(outcome);
        // A log that was closed ends in a trailer: every batch in it was on the disk.
        if (leave === 'closed') assert.equal(outcome, 'refused at open', `at ${offset}`);
        assert.notEqual(outcome, 'the same', `at ${offset}`);
      });
      assert.equal(outcomes.has('an earlier state'), leave === 'killed');
    });
  });
}
