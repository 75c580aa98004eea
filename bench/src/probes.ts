/**
 * What Linux tells about a process, its threads included: resident memory at its peak, and bytes it gave to the
 * operating system to write. Null on other systems.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Begins a new peak. Where that is not allowed the peak stays that of the whole process. */
export function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or without the right: see above.
  }
}

export function peakBytes(process: number | 'self' = 'self'): number | null {
  const kibibytes = field(`/proc/${process}/status`, /^VmHWM:\s+(\d+) kB/m);
  return kibibytes === null ? null : kibibytes * 1024;
}

/** Of all calls of write, whether the disk has them yet or not; what is written by a memory mapping is not seen. */
export function writtenBytes(process: number | 'self' = 'self'): number | null {
  return field(`/proc/${process}/io`, /^wchar: (\d+)/m);
}

function field(file: string, pattern: RegExp): number | null {
  try {
    const match = pattern.exec(readFileSync(file, 'utf8'));
    return match === null ? null : Number(match[1]);
  } catch {
    return null;
  }
}
