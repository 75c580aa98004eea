/**
 * A real disk that is full, as much or as little as there can be room: a file system in memory of one mebibyte,
 * almost all of which is taken. Whatever is refused is refused with a reason; reads go on and show what was
 * acknowledged; with room again flushes and compactions go on by themselves, and what could not be written to a
 * log makes the database read-only until it is opened again; nothing is damaged and nothing lost.
 */
import type { Explorer } from '../explorer.ts';
import { MountNamespace, whyNotInside } from '../real/mount-namespace.ts';

const namespace = new MountNamespace(new URL('./inside.js', import.meta.url));

export const explorer: Explorer = {
  name: 'full-tmpfs',
  unit: 'full disks',
  budget: { test: 100, long: 5000 },
  missing: () => {
    const reason = whyNotInside('mount -t tmpfs -o size=1m none "$1"');
    return reason === undefined ? undefined : `needs the right to mount a tmpfs: ${reason}`;
  },
  explore: (seed) => namespace.explore(seed),
};
