/**
 * Power cuts on ext4: the file system lies in an image, and the ioctl EXT4_IOC_SHUTDOWN makes it forget at once
 * everything that is not on its "disk", its own journal included. What is mounted afterwards is what a real
 * machine would find. (A copy of an image in use is not: it is made of many moments.)
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../support/random.ts';
import type { Counts } from '../explorer.ts';
import type { Life } from '../real/life.ts';
import { type Ending, endedAfter } from '../real/process.ts';
import { SCENES } from '../real/scenes.ts';
import { World } from '../real/world.ts';

/** How the file system is mounted decides what it keeps back, and in which order it writes the rest. */
export const MOUNT_OPTIONS: readonly string[] = [
  'defaults',
  'data=writeback',
  'noauto_da_alloc',
  'data=journal',
  'data=writeback,noauto_da_alloc,commit=1',
];

const IMAGE_BYTES = 32 << 20;

export async function inside(directory: string, seed: number): Promise<Counts> {
  const random = new Random(seed);
  const disk = new Disk(directory, MOUNT_OPTIONS[seed % MOUNT_OPTIONS.length]);
  try {
    disk.mount();
    const world = new World(join(disk.root, 'db'), seed, {
      unit: 'power cuts',
      losesUnsynced: true,
      after: (life, messages, milliseconds) => cutAfter(disk, life, messages, milliseconds),
    });
    for (const scene of SCENES) await world.live(scene, random);
    return world.counts;
  } finally {
    disk.remove();
  }
}

/** Lets a process live until the power goes. It may see its calls fail and end by itself; if not it is killed. */
async function cutAfter(disk: Disk, life: Life, messages: number, milliseconds: number): Promise<Ending> {
  const cut = disk.prepareCut();
  const ending = await endedAfter(life, messages, milliseconds, async (child) => {
    await cut();
    child.kill('SIGKILL');
  });
  disk.unmount();
  restart(disk.bootFile);
  disk.mount();
  return ending;
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

let boots = 0;

/**
 * Nobody lives on after a power cut, but this process does, and the disk may bring back a lock that it had
 * released. So the machine gets a new boot id, as it would: in this mount namespace alone.
 */
function restart(bootFile: string): void {
  boots += 1;
  writeFileSync(bootFile, `00000000-0000-4000-8000-${String(boots).padStart(12, '0')}\n`);
  if (boots === 1) execFileSync('mount', ['--bind', bootFile, BOOT_ID]);
}

class Disk {
  /** Where it is mounted. */
  readonly root: string;
  /** On the file system of the namespace, which outlives this disk. */
  readonly bootFile: string;
  readonly #image: string;
  readonly #options: string;
  #mounted = false;

  constructor(directory: string, options: string) {
    this.root = join(directory, 'root');
    this.bootFile = join(directory, '..', 'boot-id');
    this.#image = join(directory, 'image');
    this.#options = options;
    mkdirSync(this.root);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, IMAGE_BYTES);
    execFileSync('mkfs.ext4', ['-q', '-J', 'size=4', this.#image]);
  }

  mount(): void {
    execFileSync('mount', ['-o', `loop,${this.#options}`, this.#image, this.root]);
    this.#mounted = true;
  }

  unmount(): void {
    execFileSync('umount', [this.root]);
    this.#mounted = false;
  }

  /** Gives what cuts the power, at once: what it takes is ready by then. */
  prepareCut(): () => Promise<void> {
    const perl = spawn('perl', ['-e', SHUTDOWN, this.root], { stdio: ['pipe', 'ignore', 'inherit'] });
    const done = once(perl, 'exit');
    return async () => {
      perl.stdin.end();
      const [code] = await done;
      assert.equal(code, 0, 'the power is off');
    };
  }

  remove(): void {
    if (this.#mounted) execFileSync('umount', ['-l', this.root]);
    rmSync(this.#image);
  }
}

/**
 * Cuts the power when its input ends. EXT4_IOC_SHUTDOWN is _IOR('X', 125, u32); the argument 2,
 * EXT4_GOING_FLAGS_NOLOGFLUSH, does not even write the journal. Node.js has no ioctl, and every Debian has perl.
 */
export const SHUTDOWN =
  'open my $root, "<", shift or die $!; my $flags = pack "L", 2; read STDIN, my $word, 1; ioctl $root, 0x8004587d, $flags or die $!';
