/** File numbers, locks and other files: two owners of one thing. */
import type { Mutant } from '../mutant.ts';

export const FILE_MUTANTS: readonly Mutant[] = [
  {
    breaks: 'the numbers of orphans are given again',
    file: 'db/open-database',
    from: 'highestFileNumber(fs, directory) + 1',
    to: '0',
    killedBy: { explorer: 'recovery-crashes', seed: 0 },
  },
  {
    breaks: 'the numbers of tables that were given up are given again',
    file: 'db/maintenance',
    from: 'if (failure === undefined) this.#manifest.takeFileNumbers(fileNumbers.next);',
    to: '',
    killedBy: { test: 'db/recovery/files' },
  },
  {
    breaks: 'a file that exists is written over',
    file: 'fs/node-file-system',
    from: 'constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW',
    to: 'constants.O_WRONLY | constants.O_CREAT | NO_FOLLOW',
    killedBy: { test: 'fs/node-file-system' },
  },
  {
    breaks: 'the lock of a living owner is taken',
    file: 'fs/directory-lock',
    from: "if (state === 'dead') return;",
    to: 'return;',
    killedBy: { test: 'fs/directory-lock' },
  },
  {
    breaks: 'the lock of a dead owner is never taken over',
    file: 'fs/directory-lock',
    from: "if (state === 'dead') return;",
    to: '',
    killedBy: { test: 'fs/directory-lock' },
  },
  {
    breaks: 'a lock is had though another was quicker',
    file: 'fs/directory-lock',
    from: "if (errno === 'EEXIST' || errno === 'ENOENT') return false;",
    to: "if (errno === 'EEXIST' || errno === 'ENOENT') return true;",
    killedBy: { test: 'fs/directory-lock' },
  },
  {
    breaks: 'a process that was given the pid of a dead owner counts as the owner',
    file: 'fs/lock-owner',
    from: "if (task.started !== owner.started) return 'dead';",
    to: '',
    killedBy: { test: 'fs/directory-lock' },
  },
  {
    breaks: 'a database is opened without its lock',
    file: 'db/open-database',
    from: 'const lock = fs.lock(directory);',
    to: 'const lock = { release() { } };',
    killedBy: { test: 'db/destroy' },
  },
  {
    breaks: 'a repair removes what it could not read',
    file: 'db/repair/repair',
    from: 'this.#lost.keep(replacesCurrent ? [CURRENT_FILE_NAME, ...unusable] : unusable);',
    to: '',
    killedBy: { test: 'db/repair/repair' },
  },
  {
    breaks: 'an insertion into the memtable does not look whether another thread was quicker',
    file: 'memtable/skip-list',
    from: 'if (Atomics.compareExchange(words, path.before[level] + TOWER + level, next, node) === next) break;',
    to: 'Atomics.store(words, path.before[level] + TOWER + level, node); break;',
    killedBy: { explorer: 'interleavings', seed: 6 },
  },
  {
    breaks: 'after a failure, tables are removed that the manifest may name',
    file: 'db/installer',
    from: 'if (failure !== undefined) return;',
    to: '',
    killedBy: { test: 'db/strays' },
  },
];
