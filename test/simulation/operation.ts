/** What can be done to a disk: the operations that the layers of a simulated one count, show and fail. */

/** Operations that change what is on the disk, or make a change durable. */
export const CHANGES = [
  'create',
  'append',
  'sync',
  'rename',
  'remove',
  'link',
  'makeDirectory',
  'removeDirectory',
  'syncDirectory',
] as const;

/** Operations that look at the disk. */
export const READS = ['open', 'read', 'status', 'list'] as const;

/** Operations that take or give back what the system lends: locks, and the descriptors of files. */
export const HANDLES = ['lock', 'unlock', 'close'] as const;

export type OperationKind = (typeof CHANGES | typeof READS | typeof HANDLES)[number];

export const ALL_KINDS: readonly OperationKind[] = [...CHANGES, ...READS, ...HANDLES];

export interface Operation {
  readonly kind: OperationKind;
  readonly path: string;
  /** Where a rename or link leads. */
  readonly to?: string;
  /** Where a read begins. */
  readonly position?: number;
  /** Length of an append or read. */
  readonly bytes?: number;
}

/** `append /db/000003.wal, 64 bytes`. */
export function describeOperation({ kind, path, to, position, bytes }: Operation): string {
  const parts = [to === undefined ? `${kind} ${path}` : `${kind} ${path} to ${to}`];
  if (bytes !== undefined) parts.push(`${bytes} bytes`);
  if (position !== undefined) parts.push(`at ${position}`);
  return parts.join(', ');
}
