/**
 * The stores of the comparison, each behind the same few functions: make a directory with given entries, read
 * them back.
 */
import { cpSync } from 'node:fs';
import { ClassicLevel } from 'classic-level';
import { open as openLmdb } from 'lmdb';
import { MiniLsm } from '../../dist/src/index.js';

/**
 * @typedef {ReadonlyMap<string, string>} Entries
 *
 * @typedef {object} Store
 * @property {Readonly<Record<string, (from: string, to: string, entries: Entries) => Promise<void>>>} scenes
 *   Each writes entries, all durable, in `from` and leaves the directory `to`; by a name of how it was left.
 * @property {(directory: string) => Promise<Reader>} open
 *
 * @typedef {object} Reader
 * @property {(key: string) => Promise<string | undefined>} get
 * @property {boolean} reportsLoss Whether the opening told of bytes that it left out.
 * @property {() => Promise<void>} close
 */

const OPTIONS = /** @type {const} */ ({ keyEncoding: 'utf8', valueEncoding: 'utf8' });

/** @type {Readonly<Record<string, Store>>} */
export const STORES = {
  'mini-lsm': {
    scenes: {
      'in tables': async (from, to, entries) => {
        const db = MiniLsm.open(from);
        for (const [key, value] of entries) db.put(key, value);
        db.compact();
        db.close();
        cpSync(from, to, { recursive: true });
      },
      'in the log': async (from, to, entries) => {
        const db = MiniLsm.open(from);
        for (const [key, value] of entries) db.put(key, value, { sync: true });
        leave(from, to);
        db.close();
      },
    },
    open: async (directory) => {
      const db = MiniLsm.open(directory, { createIfMissing: false, background: 'inline' });
      const text = new TextDecoder();
      return {
        get: async (key) => {
          const value = db.get(key);
          return value === undefined ? undefined : text.decode(value);
        },
        reportsLoss: db.recovery.bytesDiscarded > 0,
        close: async () => db.close(),
      };
    },
  },
  'classic-level': {
    scenes: {
      'in tables': async (from, to, entries) => {
        const db = new ClassicLevel(from, OPTIONS);
        for (const [key, value] of entries) await db.put(key, value);
        await db.compactRange('', '\uffff');
        await db.close();
        cpSync(from, to, { recursive: true });
      },
      'in the log': async (from, to, entries) => {
        const db = new ClassicLevel(from, OPTIONS);
        for (const [key, value] of entries) await db.put(key, value, { sync: true });
        leave(from, to);
        await db.close();
      },
    },
    open: async (directory) => {
      const db = new ClassicLevel(directory, { ...OPTIONS, createIfMissing: false });
      await db.open();
      return { get: (key) => db.get(key), reportsLoss: false, close: () => db.close() };
    },
  },
  lmdb: {
    scenes: {
      'in its file': async (from, to, entries) => {
        const db = openLmdb({ path: from, encoding: 'string' });
        for (const [key, value] of entries) await db.put(key, value);
        await db.flushed;
        await db.close();
        cpSync(from, to, { recursive: true });
      },
    },
    open: async (directory) => {
      const db = openLmdb({ path: directory, encoding: 'string' });
      return { get: async (key) => db.get(key), reportsLoss: false, close: () => db.close() };
    },
  },
};

/**
 * A directory as a process leaves it that dies now: everything is synced, so a copy is what is on the disk. The
 * locks of the living stay behind.
 *
 * @param {string} from
 * @param {string} to
 */
function leave(from, to) {
  cpSync(from, to, { recursive: true, filter: (path) => !/LOCK[^/\\]*$/.test(path) });
}
