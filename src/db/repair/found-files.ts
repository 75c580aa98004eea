/** What lies in a directory, and whose it is by its own account: all there is to go by without a manifest. */
import { equalBytes } from '../../bytes/compare.ts';
import type { LsmError } from '../../errors.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { joinPath } from '../../fs/file-system.ts';
import { readLogIdentity } from '../../log/log-salvager.ts';
import { readTableIdentity } from '../../sstable/section-reader.ts';
import { isDamage } from '../../sstable/table-salvager.ts';
import { parseFileName } from '../../version/file-names.ts';

/** A file with the name of a table, a log or a manifest. */
export interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly kind: 'table' | 'wal' | 'manifest';
  /** The number in its name. */
  readonly number: number;
  readonly bytes: number;
  /** What its header or footer says; undefined if that is damaged or speaks of another kind of file. */
  readonly identity: FileIdentity | undefined;
  /** Why nobody knows: what the system said when its header or footer was read. */
  readonly unreadable: LsmError | undefined;
}

export interface FileIdentity {
  readonly databaseId: Uint8Array;
  readonly fileNumber: number;
}

/** The files of a directory by their numbers; what has such a name and is no file is left out. */
export function findFiles(fs: FileSystem, directory: string): FoundFile[] {
  const found: FoundFile[] = [];
  for (const name of fs.list(directory)) {
    const parsed = parseFileName(name);
    const kind = parsed?.kind;
    if (parsed === undefined || (kind !== 'table' && kind !== 'wal' && kind !== 'manifest')) continue;
    const path = joinPath(directory, name);
    const status = fs.status(path);
    if (status?.kind !== 'file') continue;
    const { number } = parsed;
    found.push({ name, path, kind, number, bytes: status.bytes, ...identify(fs, path, kind) });
  }
  return found.sort((a, b) => a.number - b.number);
}

/** The database that most of the files belong to, of equals that of the newest file; undefined if none says. */
export function databaseOf(files: readonly FoundFile[]): Uint8Array | undefined {
  let best: Uint8Array | undefined;
  let most = 0;
  for (const { identity } of files) {
    if (identity === undefined) continue;
    const votes = files.filter((file) => belongsTo(file, identity.databaseId)).length;
    if (votes >= most) best = identity.databaseId;
    most = Math.max(most, votes);
  }
  return best;
}

export function belongsTo({ identity }: FoundFile, databaseId: Uint8Array): boolean {
  return identity !== undefined && sameId(identity.databaseId, databaseId);
}

function sameId(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(a, 0, a.length, b, 0, b.length);
}

function identify(
  fs: FileSystem,
  path: string,
  kind: FoundFile['kind'],
): Pick<FoundFile, 'identity' | 'unreadable'> {
  try {
    return { identity: readIdentity(fs, path, kind), unreadable: undefined };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { identity: undefined, unreadable: error };
  }
}

function readIdentity(fs: FileSystem, path: string, kind: FoundFile['kind']): FileIdentity | undefined {
  if (kind !== 'table') {
    const identity = readLogIdentity(fs, path);
    return identity?.kind === kind ? identity : undefined;
  }
  const file = fs.openFile(path);
  try {
    return readTableIdentity(file);
  } finally {
    file.close();
  }
}
