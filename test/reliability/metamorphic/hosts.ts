/** Where a database under test lives, and what can happen to it there. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { PROFILES } from '../../simulation/crash-states.ts';
import { FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { MappingFileSystem } from '../../simulation/mapping-file-system.ts';
import { OpenFilesFileSystem } from '../../simulation/open-files-file-system.ts';
import { OrderingFileSystem } from '../../simulation/ordering-file-system.ts';
import { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import { Random } from '../../support/random.ts';
import type { InjectedFault } from './operations.ts';

export interface Host {
  readonly path: string;
  /** Undefined for the disk. */
  readonly fileSystem: FileSystem | undefined;
  /**
   * Leaves an open database behind as a process does that is killed. False where that cannot be had: then it
   * has to be closed.
   */
  kill(): boolean;
  /** The same for a power cut; the seed chooses among what it may leave. */
  cutPower(seed: number): boolean;
  /** Removes a file of a database that is closed. */
  remove(name: string): void;
  /** Makes operations on the disk fail from now on; undefined ends it. */
  arm(fault: InjectedFault | undefined): void;
  /** A directory that was not there before: after a power cut one that was removed may be back, in part. */
  newPath(): string;
  /** When the database is closed for good: checks that nothing is left behind. */
  finish(): void;
}

/** On a simulated disk, under layers that check the order of durable steps and what is left open. */
export class MemoryHost implements Host {
  readonly path = '/db';
  readonly #above: (disk: FileSystem) => FileSystem;
  #stack: Stack;
  #paths = 0;

  /** Between the disk and the layers that every host has there may be one more. */
  constructor(above: (disk: FileSystem) => FileSystem = (disk) => disk) {
    this.#above = above;
    this.#stack = new Stack(new SimulatedFileSystem(), above);
  }

  get fileSystem(): FileSystem {
    return this.#stack.mapping;
  }

  kill(): boolean {
    this.#checkOrder();
    this.#stack = new Stack(new SimulatedFileSystem(this.#stack.disk.image()), this.#above);
    return true;
  }

  cutPower(seed: number): boolean {
    this.#checkOrder();
    const random = new Random(seed);
    const profile = PROFILES[random.below(PROFILES.length)];
    const states = [...this.#stack.disk.crashStates(profile, { random, limit: 3 })];
    const { image } = states[random.below(states.length)];
    this.#stack = new Stack(new SimulatedFileSystem(image, seed), this.#above);
    return true;
  }

  remove(name: string): void {
    this.#stack.disk.remove(`${this.path}/${name}`);
  }

  arm(fault: InjectedFault | undefined): void {
    const { faulty } = this.#stack;
    faulty.arm(fault && { ...fault, at: faulty.operations + fault.at });
  }

  newPath(): string {
    this.#paths += 1;
    return `/copy-${this.#paths}`;
  }

  finish(): void {
    this.#checkOrder();
    assert.deepEqual(this.#stack.open.openPaths(), [], 'nothing is left open');
    assert.deepEqual(this.#stack.mapping.mappedPaths(), [], 'nothing is left mapped');
  }

  #checkOrder(): void {
    assert.deepEqual(this.#stack.ordering.violations, []);
  }
}

/** A disk with its layers. */
class Stack {
  readonly disk: SimulatedFileSystem;
  readonly faulty: FaultyFileSystem;
  readonly ordering: OrderingFileSystem;
  readonly open: OpenFilesFileSystem;
  readonly mapping: MappingFileSystem;

  constructor(disk: SimulatedFileSystem, above: (disk: FileSystem) => FileSystem) {
    this.disk = disk;
    this.faulty = new FaultyFileSystem(above(disk));
    this.ordering = new OrderingFileSystem(this.faulty);
    this.open = new OpenFilesFileSystem(this.ordering);
    this.mapping = new MappingFileSystem(this.open);
  }
}

/** In a temporary directory, where nothing but closing can be had. */
export class DiskHost implements Host {
  readonly fileSystem = undefined;
  readonly #directory = mkdtempSync(join(tmpdir(), 'mini-lsm-metamorphic-'));
  readonly path: string = join(this.#directory, 'db');
  #paths = 0;

  kill(): boolean {
    return false;
  }

  cutPower(): boolean {
    return false;
  }

  remove(name: string): void {
    rmSync(join(this.path, name));
  }

  arm(): void {}

  newPath(): string {
    this.#paths += 1;
    return join(this.#directory, `copy-${this.#paths}`);
  }

  finish(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
