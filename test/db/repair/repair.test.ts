/** Repairing a database in which something is damaged or missing, and one in which nothing is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { RECORD_HEADER_BYTES } from '../../../src/log/log-format.ts';
import { LogReader } from '../../../src/log/log-reader.ts';
import { readCurrent } from '../../../src/version/current-file.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import { OpenFilesFileSystem } from '../../simulation/open-files-file-system.ts';
import { namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { nameOf, toText } from '../../support/model.ts';
import { DATABASE } from '../../support/small-database.ts';
import {
  contentsOf,
  everyFile,
  flip,
  hex,
  LOST,
  lostFiles,
  OPTIONS,
  placesIn,
  repair,
  type Scene,
  scene,
  wholeContents,
  withoutBatch,
} from './scenes.ts';

failOnLeaks();

function bytesOf(fs: MemoryFileSystem, name: string): Uint8Array {
  return readBytes(fs, joinPath(DATABASE, name));
}

describe('a database that is whole', () => {
  for (const leave of ['closed', 'killed'] as const) {
    test(`and was ${leave} holds the same after a repair, and after another`, () => {
      const { fs, model } = scene(leave);
      const tables = namesOfKind(fs, DATABASE, 'table');
      const first = repair(fs);
      assert.equal(first.manifest, 'kept');
      assert.deepEqual(first.problems, []);
      assert.deepEqual(first.setAside, []);
      assert.equal(first.tablesKept, tables.length);
      assert.equal(first.tablesRewritten, 0);
      assert.equal(first.logsReplayed, 1);
      assert.equal(first.entriesReplayed, 24);
      assert.deepEqual(namesOfKind(fs, DATABASE, 'wal'), [], 'logs have become tables');
      const second = repair(fs);
      assert.deepEqual(second, {
        ...first,
        tablesKept: tables.length + 1,
        logsReplayed: 0,
        entriesReplayed: 0,
      });
      assert.equal(fs.status(LOST), undefined);
      assert.deepEqual(wholeContents(fs), contentsOf(model));
    });
  }

  test('and empty stays one', () => {
    const fs = new MemoryFileSystem();
    MiniLsm.open(DATABASE, { fileSystem: fs }).close();
    assert.equal(repair(fs).entries, 0);
    assert.deepEqual(wholeContents(fs), []);
  });

  test('tells of its progress', () => {
    const { fs, model } = scene('closed');
    const seen: [number, number][] = [];
    const options = { ...OPTIONS, fileSystem: fs };
    MiniLsm.repair(DATABASE, { ...options, onProgress: (done, total) => seen.push([done, total]) });
    const [last, total] = seen.at(-1) ?? [];
    assert.equal(last, total);
    assert.ok(seen.every(([done], at) => at === 0 || done > seen[at - 1][0]));
    const before = [...fs.list(DATABASE)].sort();
    const stop = (): void => {
      throw new RangeError('enough');
    };
    assert.throws(() => MiniLsm.repair(DATABASE, { ...options, onProgress: stop }), /enough/);
    assert.deepEqual([...fs.list(DATABASE)].sort(), before, 'the database is as it was');
    assert.deepEqual(wholeContents(fs), contentsOf(model));
  });
});

describe('without its CURRENT or its manifest, a database is rebuilt and holds the same', () => {
  const written = scene('killed');
  const [manifest] = namesOfKind(written.fs, DATABASE, 'manifest');

  function rebuild(spoil: (fs: MemoryFileSystem) => void): MemoryFileSystem {
    const fs = written.fs.crashClone();
    spoil(fs);
    const lost = lostFilesAfter(fs);
    const report = repair(fs);
    assert.equal(report.manifest, 'rebuilt');
    assert.ok(report.problems.length > 0);
    assert.deepEqual([...lostFiles(fs).values()].sort(), lost);
    assert.deepEqual(
      report.setAside,
      [...lostFiles(fs).keys()].map((name) => joinPath(LOST, name)),
    );
    assert.deepEqual(wholeContents(fs), contentsOf(written.model));
    assert.deepEqual(repair(fs).problems, []);
    assert.deepEqual(wholeContents(fs), contentsOf(written.model));
    return fs;
  }

  /** What is set aside in the end: CURRENT and manifests, as far as they are there. */
  function lostFilesAfter(fs: MemoryFileSystem): string[] {
    const names = fs.list(DATABASE).filter((name) => /^(CURRENT|manifest)$/.test(kindOf(name)));
    return names.map((name) => hex(bytesOf(fs, name))).sort();
  }

  const kindOf = (name: string): string => (name === 'CURRENT' ? name : (parseFileName(name)?.kind ?? ''));

  for (const names of [['CURRENT'], [manifest], ['CURRENT', manifest]]) {
    test(`when ${names.map((name) => name.replace(/-.*/, '')).join(' and ')} is gone`, () => {
      rebuild((fs) => {
        for (const name of names) fs.remove(joinPath(DATABASE, name));
      });
    });
  }

  test('when a bit of CURRENT is flipped', () => {
    const { length } = bytesOf(written.fs, 'CURRENT');
    for (let at = 0; at < length; at++) rebuild((fs) => flip(fs, 'CURRENT', at));
  });

  test('when a bit of the manifest is flipped where it was synced', () => {
    const { manifestBytes } = readCurrent(written.fs, DATABASE);
    for (let at = 0; at < manifestBytes; at += 7) rebuild((fs) => flip(fs, manifest, at));
  });

  test('when they are empty', () => {
    for (const name of ['CURRENT', manifest]) {
      rebuild((fs) => replaceFile(fs, joinPath(DATABASE, name), new Uint8Array(0)));
    }
  });

  test('also when obsolete tables and logs are still there', () => {
    /** A disk on which no table and no log can be removed. */
    class Sticky extends MemoryFileSystem {
      override remove(path: string): void {
        if (!/\.(sst|wal)$/.test(path)) super.remove(path);
      }
    }
    const fs = new Sticky();
    const db = MiniLsm.open(DATABASE, { ...OPTIONS, fileSystem: fs });
    const expected = new Map<string, string>();
    for (let i = 0; i < 600; i++) {
      const key = `key ${(i * 37) % 50}`;
      if (i % 5 === 2) db.delete(key);
      else db.put(key, `value ${i}`);
      if (i % 5 === 2) expected.delete(key);
      else expected.set(key, `value ${i}`);
    }
    db.compact();
    db.put('key 3', 'last');
    expected.set('key 3', 'last');
    const left = fs.crashClone();
    assert.ok(namesOfKind(left, DATABASE, 'table').length > 20);
    left.remove(joinPath(DATABASE, 'CURRENT'));
    repair(left);
    const found = new Set(wholeContents(left));
    // A key whose deletion was compacted away may come back; none is missing, and none is of yesterday.
    for (const [key, value] of expected) {
      assert.ok(found.has(`${toText(Buffer.from(key))} = ${toText(Buffer.from(value))}`), key);
    }
    db.close();
  });

  test('under the id that most files have; files of others are set aside', () => {
    const other = scene('closed');
    rebuildWith(other, (fs) => {
      fs.remove(joinPath(DATABASE, 'CURRENT'));
      fs.remove(joinPath(DATABASE, manifest));
      const [table] = namesOfKind(other.fs, DATABASE, 'table');
      const [log] = namesOfKind(other.fs, DATABASE, 'wal');
      replaceFile(fs, `${DATABASE}/000900.sst`, bytesOf(other.fs, table));
      replaceFile(fs, `${DATABASE}/000901.wal`, bytesOf(other.fs, log));
    });
  });

  test('with the CURRENT of another database, to which no other file belongs', () => {
    const other = scene('closed');
    for (const lacksManifest of [false, true]) {
      const fs = written.fs.crashClone();
      replaceFile(fs, joinPath(DATABASE, 'CURRENT'), bytesOf(other.fs, 'CURRENT'));
      if (lacksManifest) fs.remove(joinPath(DATABASE, manifest));
      repair(fs);
      assert.deepEqual(wholeContents(fs), contentsOf(written.model));
      assert.equal(lostFiles(fs).get('CURRENT'), hex(bytesOf(other.fs, 'CURRENT')));
    }
  });

  function rebuildWith(other: Scene, spoil: (fs: MemoryFileSystem) => void): void {
    const fs = written.fs.crashClone();
    spoil(fs);
    const report = repair(fs);
    assert.deepEqual(report.setAside, [`${LOST}/000900.sst`, `${LOST}/000901.wal`]);
    assert.deepEqual(wholeContents(fs), contentsOf(written.model));
    assert.notDeepEqual(contentsOf(other.model), []);
  }

  test('from tables and logs under wrong names', () => {
    const fs = written.fs.crashClone();
    fs.remove(joinPath(DATABASE, 'CURRENT'));
    let number = 700;
    for (const kind of ['table', 'wal'] as const) {
      for (const name of namesOfKind(fs, DATABASE, kind)) {
        fs.rename(joinPath(DATABASE, name), `${DATABASE}/000${number++}.${kind === 'table' ? 'sst' : 'wal'}`);
      }
    }
    repair(fs);
    assert.deepEqual(wholeContents(fs), contentsOf(written.model));
  });
});

describe('a damaged table', () => {
  for (const manifest of ['kept', 'rebuilt'] as const) {
    const written = scene('closed');
    if (manifest === 'rebuilt') written.fs.remove(joinPath(DATABASE, 'CURRENT'));

    /** Repairs and compares; returns how many of the keys that lived in the table are right. */
    function rightAfter(
      fs: MemoryFileSystem,
      name: string,
    ): { right: number; lived: number; rewritten: number } {
      const report = repair(fs);
      assert.equal(report.manifest, manifest);
      const db = MiniLsm.open(DATABASE, { ...OPTIONS, fileSystem: fs });
      let right = 0;
      let lived = 0;
      for (const [key, value] of allKeys(written)) {
        const found = toText(db.get(key));
        if (written.homes.get(nameOf(key)) !== name) {
          assert.equal(found, toText(value), `${nameOf(key)} did not live in ${name}`);
          continue;
        }
        lived += 1;
        if (found === toText(value)) right += 1;
      }
      assert.deepEqual(db.verify().problems, []);
      db.close();
      assert.deepEqual(repair(fs).problems, []);
      return { right, lived, rewritten: report.tablesRewritten };
    }

    test(`gives what is whole in it; manifest ${manifest}`, () => {
      let saved = 0;
      for (const name of namesOfKind(written.fs, DATABASE, 'table')) {
        for (const at of placesIn(bytesOf(written.fs, name).length)) {
          const fs = written.fs.crashClone();
          flip(fs, name, at);
          const spoilt = hex(bytesOf(fs, name));
          const { right, lived } = rightAfter(fs, name);
          assert.equal(lostFiles(fs).get(name), spoilt, 'it is kept as it was');
          if (right > 0 && right < lived) saved += 1;
        }
      }
      assert.ok(saved > 20, `parts of tables were saved: ${saved}`);
    });

    test(`or a missing one costs what lived in it; manifest ${manifest}`, () => {
      for (const name of namesOfKind(written.fs, DATABASE, 'table')) {
        const fs = written.fs.crashClone();
        fs.remove(joinPath(DATABASE, name));
        const { lived } = rightAfter(fs, name);
        assert.ok(lived >= 0);
        const short = written.fs.crashClone();
        replaceFile(short, joinPath(DATABASE, name), bytesOf(written.fs, name).slice(0, -1));
        rightAfter(short, name);
        assert.ok(lostFiles(short).has(name));
      }
    });
  }

  test('of which another has the place is set aside', () => {
    const { fs, model, homes } = scene('closed');
    const other = scene('closed');
    const [name] = homes.values();
    replaceFile(fs, joinPath(DATABASE, name), bytesOf(other.fs, name));
    const report = repair(fs);
    assert.deepEqual(report.setAside, [joinPath(LOST, name)]);
    assert.ok(report.problems.every(({ file }) => file === joinPath(DATABASE, name)));
    assert.notDeepEqual(wholeContents(fs), contentsOf(model));
  });
});

test('tables that the manifest does not name are kept if anything is damaged, and else go as at any opening', () => {
  for (const damaged of [true, false]) {
    const { fs } = scene('closed');
    const [name] = namesOfKind(fs, DATABASE, 'table');
    replaceFile(fs, `${DATABASE}/000900.sst`, bytesOf(fs, name));
    if (damaged) flip(fs, name, 5);
    const report = repair(fs);
    assert.equal(report.setAside.includes(`${LOST}/000900.sst`), damaged);
    assert.equal(report.setAside.length, damaged ? 2 : 0);
    assert.ok(!fs.list(DATABASE).includes('000900.sst'));
  }
});

/** Every key that the scene ever wrote, with what it must hold. */
function allKeys({ model, homes }: Scene): (readonly [Uint8Array, Uint8Array | undefined])[] {
  const names = new Set([...homes.keys(), ...model.entries().map(([key]) => nameOf(key))]);
  return [...names].map((name) => {
    const key = Buffer.from(name, 'latin1');
    return [key, model.get(key)] as const;
  });
}

describe('a damaged log', () => {
  for (const leave of ['killed', 'closed'] as const) {
    for (const sync of [true, false]) {
      for (const manifest of ['kept', 'rebuilt'] as const) {
        test(`costs the damaged batch alone; ${leave}, ${sync ? 'synced' : 'not synced'}, manifest ${manifest}`, () => {
          const written = scene(leave, sync);
          if (manifest === 'rebuilt') written.fs.remove(joinPath(DATABASE, 'CURRENT'));
          const [name] = namesOfKind(written.fs, DATABASE, 'wal');
          const batches = batchesIn(written.fs, name);
          const { length } = bytesOf(written.fs, name);
          for (let at = 0; at < length; at += 11) {
            const fs = written.fs.crashClone();
            flip(fs, name, at);
            const spoilt = hex(bytesOf(fs, name));
            const report = repair(fs);
            assert.equal(report.manifest, manifest);
            // -1 for a place in the header, in a seal or in the trailer.
            const damaged = batches.findIndex(({ start, end }) => start <= at && at < end);
            assert.deepEqual(wholeContents(fs), contentsOf(withoutBatch(written, damaged)), `at ${at}`);
            assert.equal(lostFiles(fs).get(name), spoilt, 'it is kept as it was');
          }
        });
      }
    }
  }

  test('that is cut off somewhere costs what was behind that', () => {
    const written = scene('closed');
    const [name] = namesOfKind(written.fs, DATABASE, 'wal');
    const batches = batchesIn(written.fs, name);
    const bytes = bytesOf(written.fs, name);
    for (let length = 0; length < bytes.length; length += 13) {
      const fs = written.fs.crashClone();
      replaceFile(fs, joinPath(DATABASE, name), bytes.slice(0, length));
      assert.ok(repair(fs).problems.length > 0, 'a log that a close has completed is missed');
      const whole = batches.filter(({ end }) => end <= length).length;
      assert.deepEqual(wholeContents(fs), contentsOf(written.states[whole]), `at ${length}`);
    }
    const fs = written.fs.crashClone();
    fs.remove(joinPath(DATABASE, name));
    assert.match(repair(fs).problems[0].message, /missing/);
    assert.deepEqual(wholeContents(fs), contentsOf(written.states[0]));
  });

  test('that an earlier recovery cut off gives nothing whose sequence numbers others have now', () => {
    const written = scene('killed');
    const [name] = namesOfKind(written.fs, DATABASE, 'wal');
    const batches = batchesIn(written.fs, name);
    // The log is torn in its third batch; opening cuts it off there, and new writes take its numbers.
    const torn = scene('killed', false);
    const fs = torn.fs;
    const [log] = namesOfKind(fs, DATABASE, 'wal');
    flip(fs, log, batches[2].start + 30);
    const left = bytesOf(fs, log);
    const db = MiniLsm.open(DATABASE, { ...OPTIONS, fileSystem: fs });
    assert.ok(db.recovery.bytesDiscarded > 0);
    db.put('log 5', 'of later');
    const crashed = fs.crashClone();
    db.close();
    // The old log came back, and the manifest was lost.
    replaceFile(crashed, joinPath(DATABASE, log), left);
    crashed.remove(joinPath(DATABASE, 'CURRENT'));
    repair(crashed);
    const expected = torn.states[2].clone();
    expected.put('log 5', Buffer.from('of later'));
    assert.deepEqual(wholeContents(crashed), contentsOf(expected));
  });

  /** Where each batch stands. */
  function batchesIn(fs: MemoryFileSystem, name: string): { start: number; end: number }[] {
    const { databaseId } = databaseOf(fs, name);
    const fileNumber = parseFileName(name)?.number ?? 0;
    const path = joinPath(DATABASE, name);
    const identity = { kind: 'wal', databaseId, fileNumber } as const;
    const reader = LogReader.open(fs, path, identity, { maxRecordBytes: 1 << 20 });
    const batches: { start: number; end: number }[] = [];
    while (reader.next()) {
      const { recordOffset: start, payloadLength } = reader;
      if (payloadLength > 0) batches.push({ start, end: start + RECORD_HEADER_BYTES + payloadLength });
    }
    reader.close();
    return batches;
  }

  function databaseOf(fs: MemoryFileSystem, name: string): { databaseId: Uint8Array } {
    return { databaseId: bytesOf(fs, name).slice(16, 32) };
  }
});

test('a file on bad sectors that an earlier repair has put into lost/ already is put there once more', () => {
  const { fs } = scene('closed');
  const [table] = namesOfKind(fs, DATABASE, 'table');
  fs.makeDirectory(LOST);
  fs.link(joinPath(DATABASE, table), joinPath(LOST, table));
  const openFile = fs.openFile.bind(fs);
  fs.openFile = (path) => {
    const file = openFile(path);
    if (!path.endsWith(table)) return file;
    file.read = () => {
      throw new LsmError('LSM_IO', 'the device reported an error', { file: path });
    };
    return file;
  };
  const report = repair(fs);
  assert.deepEqual(report.setAside, [joinPath(LOST, `${table}.2`)]);
  wholeContents(fs);
});

test('a repair that finds no room for lost/ leaves the database as it was', () => {
  for (const rebuilt of [false, true]) {
    const { fs } = scene('killed');
    const [table] = namesOfKind(fs, DATABASE, 'table');
    flip(fs, table, 30);
    if (rebuilt) fs.remove(joinPath(DATABASE, 'CURRENT'));
    const before = everyFile(fs);
    fs.link = () => {
      throw new LsmError('LSM_NO_SPACE', 'the disk is full');
    };
    expectError('LSM_NO_SPACE', () => repair(fs));
    assert.deepEqual(everyFile(fs), before);
  }
});

test('nothing stays open after a repair', () => {
  const { fs } = scene('closed');
  fs.remove(joinPath(DATABASE, 'CURRENT'));
  const [table] = namesOfKind(fs, DATABASE, 'table');
  flip(fs, table, 30);
  const watched = new OpenFilesFileSystem(fs);
  repair(watched);
  assert.deepEqual(watched.openPaths(), []);
});
