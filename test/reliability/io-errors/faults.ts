/** All the ways in which one operation can fail. */
import { ERRNOS, type Errno, type Fault } from '../../simulation/faulty-file-system.ts';
import { ALL_KINDS, CHANGES, HANDLES, type OperationKind, READS } from '../../simulation/operation.ts';

export interface Failure {
  readonly when: Fault['when'];
  readonly errno: Errno;
  /** What else fails from then on: nothing, what is of the same family, everything. */
  readonly forever: 'once' | 'its family' | 'everything';
  /** What a failed sync does to the bytes that it was to bring to the disk. */
  readonly unsynced: 'pending' | 'keep' | 'revert';
}

const FAMILIES: readonly (readonly OperationKind[])[] = [CHANGES, READS, HANDLES];

/** Every failure that an operation of a kind can have. */
export function failuresOf(kind: OperationKind): readonly Failure[] {
  return LISTS.get(kind) ?? [];
}

/** The kinds that go on failing. */
export function laterFailures(
  kind: OperationKind,
  { forever }: Failure,
): ReadonlySet<OperationKind> | boolean {
  if (forever === 'once') return false;
  if (forever === 'everything') return true;
  return new Set(FAMILIES.find((family) => family.includes(kind)));
}

export function describeFailure({ when, errno, forever, unsynced }: Failure): string {
  const fate = unsynced === 'pending' ? '' : `, what was not synced: ${unsynced}`;
  return `${errno} ${when} its effect, ${forever}${fate}`;
}

const LISTS = new Map(ALL_KINDS.map((kind) => [kind, listOf(kind)]));

function listOf(kind: OperationKind): Failure[] {
  const whens = whensOf(kind);
  const fates = kind === 'sync' ? (['keep', 'pending', 'revert'] as const) : (['pending'] as const);
  // The error that differs most between them changes fastest, so that a few of the list show much.
  return (['once', 'everything', 'its family'] as const).flatMap((forever) =>
    ERRNOS.flatMap((errno) =>
      whens.flatMap((when) => fates.map((unsynced) => ({ when, errno, forever, unsynced }))),
    ),
  );
}

function whensOf(kind: OperationKind): readonly Fault['when'][] {
  if (kind === 'append' || kind === 'read') return ['half', 'after', 'before'];
  if (kind === 'close' || kind === 'unlock') return ['after'];
  return ['after', 'before'];
}
