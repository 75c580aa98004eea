/** Closing what was only read from, or what is given up anyway. */
import { closeSync } from 'node:fs';

/** Whatever close reports, the descriptor is gone, and nothing was written through it that could be lost. */
export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {}
}
