/** Numbers as people read them. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size in binary units: `512 B`, `3.4 MiB`. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.95 and more would be shown as 1024.0 of the smaller unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A count with thousands apart: `171,075`. */
export function humanCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A count with its noun in the right number: `1 record`, `2 records`. */
export function counted(count: number, noun: string): string {
  return `${humanCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A duration: `3.1 ms`, `12.40 s`, `2 min 05 s`. */
export function humanDuration(milliseconds: number): string {
  if (milliseconds < 999.95) return `${milliseconds.toFixed(1)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.995) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** A ratio such as an amplification: `3.42x`; a dash where nothing was measured. */
export function humanRatio(ratio: number | undefined): string {
  return ratio === undefined || !Number.isFinite(ratio) ? '-' : `${ratio.toFixed(2)}x`;
}
