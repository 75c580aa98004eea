/**
 * Loaded before every test file of `npm test` (scripts/run-tests.mjs): whatever database a test opens in memory,
 * the order of its durable steps is watched, without the test having to ask for it. The engine alone goes through the
 * watch, so that a test may still remove or damage files by its own handle of the file system.
 */
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';

const watches: OrderingFileSystem[] = [];
const watchOf = new WeakMap<MiniLsm, OrderingFileSystem>();

const { open } = MiniLsm;
const { put, delete: del, write, sync } = MiniLsm.prototype;

MiniLsm.open = (path, options) => {
  const fileSystem = options?.fileSystem;
  if (!(fileSystem instanceof MemoryFileSystem)) return open.call(MiniLsm, path, options);
  const watch = new OrderingFileSystem(fileSystem);
  watches.push(watch);
  const db = open.call(MiniLsm, path, { ...options, fileSystem: watch });
  watchOf.set(db, watch);
  return db;
};

MiniLsm.prototype.put = function (key, value, options) {
  put.call(this, key, value, options);
  if (options?.sync === true) acknowledged(this);
};

MiniLsm.prototype.delete = function (key, options) {
  del.call(this, key, options);
  if (options?.sync === true) acknowledged(this);
};

MiniLsm.prototype.write = function (batch, options) {
  write.call(this, batch, options);
  if (options?.sync === true) acknowledged(this);
};

MiniLsm.prototype.sync = function () {
  sync.call(this);
  acknowledged(this);
};

/** Rule R3 can't be seen from the file system: only here is it known what was promised. */
function acknowledged(db: MiniLsm): void {
  watchOf.get(db)?.acknowledged(db.path);
}

process.on('exit', () => {
  for (const { violations } of watches) {
    for (const violation of violations) {
      process.stderr.write(`order of durable steps: ${violation}\n`);
      process.exitCode = 1;
    }
  }
});
