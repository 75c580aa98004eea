/** A disk that is soon full, to see what a full disk does to real files. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A tmpfs of that size (such as `64k`), or undefined where none can be mounted: skip the test then. */
export function smallDisk(t: TestContext, size: string): string | undefined {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'mini-lsm-disk-')));
  let mounted = false;
  // One hook for both steps, since a mounted directory cannot be removed.
  t.after(() => {
    if (mounted) execFileSync('umount', [path]);
    rmdirSync(path);
  });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', path], { stdio: 'ignore' });
    mounted = true;
  } catch {
    return undefined;
  }
  return path;
}
