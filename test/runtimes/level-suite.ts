/**
 * The public suite of abstract-level on this runtime, on the disk and in memory. A program on its own, since
 * only Node.js has its own test runner: scripts/matrix.mjs runs it. Exits non-zero if an assertion fails.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { MiniLevel } from '../../src/index.ts';
import { runAbstractSuite, type SuiteReport } from '../level/abstract-suite.ts';

const directory = mkdtempSync(join(tmpdir(), 'mini-lsm-runtime-'));
try {
  let count = 0;
  const onDisk = await runAbstractSuite(
    (options) => new MiniLevel(join(directory, `db-${count++}`), options),
  );
  const inMemory = await runAbstractSuite(
    (options) => new MiniLevel('/db', { ...options, fileSystem: new MemoryFileSystem() }),
  );
  tell('on the disk', onDisk);
  tell('in memory', inMemory);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function tell(where: string, { tests, assertions, failures }: SuiteReport): void {
  for (const failure of failures) console.error(failure);
  console.log(`${where}: ${tests} tests, ${assertions} assertions, ${failures.length} failed`);
  // A suite that did not run at all would fail at nothing.
  if (failures.length > 0 || tests < 1500) process.exitCode = 1;
}
