/** Files and directories are for their owner alone, and no link that somebody planted leads anywhere. */
import assert from 'node:assert/strict';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { LsmError } from '../../src/errors.ts';
import { parseFileName } from '../../src/version/file-names.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { TINY } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

const posix = { skip: process.platform === 'win32' ? 'needs POSIX permissions and links' : false };
const OPTIONS = { ...TINY, background: 'inline' } as const;

function fill(db: MiniLsm): void {
  for (let i = 0; i < 60; i++) db.put(`key ${i}`, 'value'.repeat(10));
  db.compact();
  db.put('not in a table', 'value', { sync: true });
}

/** Flips a byte in the middle of a table, and repairs: what cannot be used lands in lost/. */
function damageAndRepair(path: string): void {
  const name = readdirSync(path).find((file) => parseFileName(file)?.kind === 'table') ?? '';
  const bytes = readFileSync(join(path, name));
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(join(path, name), bytes);
  MiniLsm.repair(path, OPTIONS);
}

test('everything that is ever made is for its owner alone, under any umask', posix, (t) => {
  for (const umask of [0o000, 0o022, 0o077]) {
    const root = temporaryDirectory(t);
    const before = process.umask(umask);
    try {
      const db = MiniLsm.open(join(root, 'deep', 'db'), OPTIONS);
      fill(db);
      db.checkpoint(join(root, 'deep', 'checkpoints', 'one'));
      db.backup(join(root, 'backups', 'one'));
      db.close();
      MiniLsm.restore(join(root, 'backups', 'one'), join(root, 'restored'));
      damageAndRepair(join(root, 'deep', 'db'));
    } finally {
      process.umask(before);
    }
    const kinds = new Set<string>();
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const mode = lstatSync(path).mode & 0o777;
      assert.equal(mode, entry.isDirectory() ? 0o700 : 0o600, `${path} has ${mode.toString(8)}`);
      kinds.add(entry.isDirectory() ? entry.name : (parseFileName(entry.name)?.kind ?? entry.name));
    }
    for (const kind of ['table', 'manifest', 'current', 'lock', 'lost']) assert.ok(kinds.has(kind), kind);
  }
});

test(
  'a link in place of any file is refused or replaced, and what it leads to is neither read nor changed',
  posix,
  (t) => {
    const root = temporaryDirectory(t);
    const original = join(root, 'original');
    const db = MiniLsm.open(original, OPTIONS);
    fill(db);
    db.close();
    const existing = readdirSync(original).filter((name) => parseFileName(name)?.kind !== 'lock');
    const next = Math.max(...existing.map((name) => parseFileName(name)?.number ?? 0)) + 1;
    // What the next opening and flush create, and the names of the lock.
    const future = [next, next + 1, next + 2, next + 3].flatMap((number) => {
      const digits = String(number).padStart(6, '0');
      return [`${digits}.sst`, `${digits}.wal`, `MANIFEST-${digits}`];
    });
    const victim = join(root, 'victim');
    for (const name of [...existing, ...future, 'CURRENT.tmp', 'LOCK-000009', 'LOCK-000900']) {
      const path = join(root, `with ${name}`);
      cpSync(original, path, { recursive: true });
      const planted = join(path, name);
      const isThere = existing.includes(name);
      writeFileSync(victim, isThere ? readFileSync(planted) : 'precious');
      const before = readFileSync(victim);
      rmSync(planted, { force: true });
      symlinkSync(victim, planted);
      let failed = false;
      try {
        const opened = MiniLsm.open(path, OPTIONS);
        opened.put('more', 'value', { sync: true });
        opened.flush();
        opened.close();
      } catch (error) {
        assert.ok(error instanceof LsmError, `${name}: ${error}`);
        failed = true;
      }
      assert.deepEqual(readFileSync(victim), before, name);
      // What is behind the link is whole: who followed it would open the database.
      if (isThere) assert.ok(failed, `${name} was read through a link`);
    }
  },
);

test(
  'a link in place of lost/ leads a repair nowhere, and destroying leaves what it leads to',
  posix,
  (t) => {
    const root = temporaryDirectory(t);
    const path = join(root, 'db');
    const db = MiniLsm.open(path, OPTIONS);
    fill(db);
    db.close();
    mkdirSync(join(root, 'elsewhere'));
    writeFileSync(join(root, 'elsewhere', '000001.sst'), 'precious');
    symlinkSync(join(root, 'elsewhere'), join(path, 'lost'));
    assert.throws(() => damageAndRepair(path), /lost is a symbolic link/);
    MiniLsm.destroy(path);
    assert.deepEqual(readdirSync(path), ['lost']);
    assert.deepEqual(readdirSync(join(root, 'elsewhere')), ['000001.sst']);
  },
);

test('a link in place of the directory in which a backup grows leads it nowhere', posix, (t) => {
  const root = temporaryDirectory(t);
  const db = MiniLsm.open(join(root, 'db'), OPTIONS);
  fill(db);
  for (const marked of [false, true]) {
    const elsewhere = join(root, `elsewhere ${marked}`);
    mkdirSync(elsewhere);
    if (marked) writeFileSync(join(elsewhere, 'BACKING-UP'), '');
    const before = readdirSync(elsewhere);
    const target = join(root, `backup ${marked}`);
    symlinkSync(elsewhere, `${target}.backing-up`);
    assert.throws(() => db.backup(target), { code: 'LSM_EXISTS' });
    assert.deepEqual(readdirSync(elsewhere), before);
    assert.ok(!readdirSync(root).includes(`backup ${marked}`));
  }
  db.close();
});

test('destroying removes what repairs have set aside, and nothing of others', (t) => {
  const root = temporaryDirectory(t);
  for (const foreign of [false, true]) {
    const path = join(root, `db ${foreign}`);
    const db = MiniLsm.open(path, OPTIONS);
    fill(db);
    db.close();
    damageAndRepair(path);
    assert.ok(readdirSync(join(path, 'lost')).length > 0);
    writeFileSync(join(path, 'lost', '000001.sst.2'), 'a second one of that name');
    if (foreign) writeFileSync(join(path, 'lost', 'notes.txt'), 'mine');
    MiniLsm.destroy(path);
    if (foreign)
      assert.deepEqual(readdirSync(path, { recursive: true }), ['lost', join('lost', 'notes.txt')]);
    else assert.deepEqual(readdirSync(root), []);
  }
});
