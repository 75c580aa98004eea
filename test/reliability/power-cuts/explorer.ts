/**
 * Real power cuts on a real file system, where the machine allows one to be mounted: every write that was
 * acknowledged as durable is there, and what is there is a prefix of the order of commits, with batches whole;
 * for all else that must hold see {@link World}. The cuts come at random moments of what {@link SCENES} has,
 * opening and repairing included, under every mount option that changes what ext4 keeps back.
 *
 * As with kills, the moment is up to the machine.
 */
import type { Explorer } from '../explorer.ts';
import { MountNamespace, whyNotInside } from '../real/mount-namespace.ts';
import { SHUTDOWN } from './inside.ts';

const PROBE = `
  mount -t tmpfs none "$1"
  cd "$1"
  mkdir root
  truncate -s 8M image
  mkfs.ext4 -q image
  mount -o loop image root
  perl -e '${SHUTDOWN}' root < /dev/null
  umount root`;

const namespace = new MountNamespace(new URL('./inside.js', import.meta.url));

export const explorer: Explorer = {
  name: 'power-cuts',
  unit: 'power cuts',
  budget: { test: 20, long: 5000 },
  missing: () => {
    const reason = whyNotInside(PROBE);
    return reason === undefined ? undefined : `needs the right to mount ext4 images: ${reason}`;
  },
  explore: (seed) => namespace.explore(seed),
};
