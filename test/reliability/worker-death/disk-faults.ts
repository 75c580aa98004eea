/**
 * Errors of the disk in the owner's thread while a job whose worker died is done again, or its result is
 * installed. The worker has a file system of its own, and notices nothing.
 */
import { NodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import { type Fault, FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import type { Operation, OperationKind } from '../../simulation/operation.ts';
import { Random } from '../../support/random.ts';

export interface DiskFault extends Pick<Fault, 'when' | 'errno'> {
  /** Which operations are counted. */
  readonly target: Target;
  /** Which of them fails, among those after the first death; the first is 1. */
  readonly nth: number;
  /** Whether every change of the disk fails from then on. */
  readonly forever: boolean;
}

interface Target {
  readonly kind: OperationKind;
  /** Undefined: whatever it is about. */
  readonly file?: 'manifest' | 'wal' | undefined;
}

const TARGETS: readonly Target[] = [
  { kind: 'append', file: 'manifest' },
  { kind: 'sync', file: 'manifest' },
  { kind: 'remove' },
  { kind: 'rename' }, // of CURRENT
  { kind: 'append', file: 'wal' },
  { kind: 'sync', file: 'wal' },
  { kind: 'syncDirectory' },
  { kind: 'create' },
];

const WAYS = [
  ['after', false],
  ['before', true],
  ['half', false],
  ['after', true],
  ['before', false],
  ['half', true],
] as const;

const MOST = 3;

export const LISTED_FAULTS: number = TARGETS.length * WAYS.length * MOST;

/** The fault at a place of the list, in which what differs most comes first; behind its end any. */
export function faultAt(index: number): DiskFault {
  const target = TARGETS[index % TARGETS.length];
  const way = Math.floor(index / TARGETS.length);
  if (index < LISTED_FAULTS) {
    const [when, forever] = WAYS[way % WAYS.length];
    const errno = index % 2 === 0 ? 'EIO' : 'ENOSPC';
    return { target, nth: 1 + Math.floor(way / WAYS.length), when, forever, errno };
  }
  const random = new Random(index);
  const [when, forever] = WAYS[random.below(WAYS.length)];
  return { target, nth: 1 + random.below(8), when, forever, errno: random.oneIn(2) ? 'EIO' : 'ENOSPC' };
}

export function describeFault({ target: { kind, file }, nth, when, forever, errno }: DiskFault): string {
  const what = file === undefined ? kind : `${kind} of a ${file}`;
  return `${errno} ${when} ${what} number ${nth} after the death, ${forever ? 'and from then on' : 'once'}`;
}

/** The real disk, as the owner of a database sees it. */
export class FailingDisk extends FaultyFileSystem {
  // What a worker opens is the same, without the faults.
  override readonly shared: boolean = true;
  #hasEnded = false;

  constructor(fault: DiskFault, hasDied: () => boolean) {
    let count = 0;
    super(new NodeFileSystem(), (operation) => {
      if (this.#hasEnded || !hasDied() || !isTarget(operation, fault.target)) return;
      count += 1;
      if (count === fault.nth) this.arm({ ...fault, at: this.operations });
    });
  }

  /** It works from now on. */
  end(): void {
    this.#hasEnded = true;
    this.arm(undefined);
  }
}

function isTarget({ kind, path }: Operation, target: Target): boolean {
  if (kind !== target.kind) return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return target.file === undefined || parseFileName(name)?.kind === target.file;
}
