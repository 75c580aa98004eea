/** Where paths lead on the simulated disk, and what is said when they lead nowhere. */
import { LsmError } from '../../src/errors.ts';
import { type DirectoryNode, FileNode, type Node } from './nodes.ts';

/** Where a path leads: `node` is undefined if only its parent exists; the root has no name. */
export interface Place {
  readonly parent: DirectoryNode;
  readonly name: string;
  readonly node: Node | undefined;
}

export function findPlace(root: DirectoryNode, path: string): Place {
  const names = partsOf(path);
  const name = names.pop();
  let parent = root;
  if (name === undefined) return { parent, name: '', node: parent };
  for (const step of names) {
    const next = parent.entries.get(step);
    if (next === undefined) throw notFound(path);
    if (next instanceof FileNode) throw notADirectory(path);
    parent = next;
  }
  return { parent, name, node: parent.entries.get(name) };
}

/** Relative paths start at the root: there is no current directory here. */
export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

export function refusal(code: 'LSM_EXISTS' | 'LSM_IO', path: string, reason: string): LsmError {
  return new LsmError(code, `cannot do that to ${path}: ${reason}`, { file: path });
}

export function notFound(path: string): LsmError {
  return new LsmError('LSM_NOT_FOUND', `${path} does not exist; check the path`, { file: path });
}

export function notADirectory(path: string): LsmError {
  return refusal('LSM_IO', path, 'a part of the path is not a directory');
}
