/** A directory for one piece of work, in memory where the system has a place for it: small files by the thousand need no disk. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function inScratchDirectory<Result>(
  use: (directory: string) => Result | Promise<Result>,
): Promise<Result> {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const directory = mkdtempSync(join(parent, 'mini-lsm-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
