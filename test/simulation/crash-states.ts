/**
 * The states in which a crash can leave a disk, under three models of what a file system promises:
 *
 * - `prefix`: operations reach the disk in the order in which they were issued, and a sync waits for all before
 *   it. The last one may be done in part, up to any byte of an append. With nothing but the last one in doubt
 *   this is what a killed process leaves, too: the system has all that it was given.
 * - `ext4-ordered`: changes of directories reach the disk in order, across all directories; the sync of a file
 *   brings its creation, and what is before that, to the disk too. Of the bytes of files that were not synced
 *   any blocks may be there, and what is not there reads as zeros.
 * - `adversarial`: what POSIX promises and no more (Pillai et al., "All File Systems Are Not Created Equal",
 *   OSDI 2014). Of the changes of directories that were not synced any may be there, each as a whole, also
 *   that of the name of a synced file. New space may read as garbage.
 *
 * Under each, what was synced is there and never changes.
 */
import { type Combination, combinations, type Sampling } from './combinations.ts';
import { type DirectoryImage, type FileImage, keyOf } from './disk-image.ts';
import { applyTo, type EntryChanges, type EntryOperation } from './entry-changes.ts';
import { FileStates, type Fill } from './file-states.ts';
import { type Append, DirectoryNode, type FileNode, type Node } from './nodes.ts';

export const PROFILES = ['prefix', 'ext4-ordered', 'adversarial'] as const;

export type Profile = (typeof PROFILES)[number];

export interface CrashState {
  readonly profile: Profile;
  /**
   * What of the operations there is for sure: `all`, as after the death of the process alone; all but a part
   * of the `last`, as after its death in the middle of that; or whatever was synced, and more or `less` of the
   * rest, as after a power cut.
   */
  readonly has: 'all' | 'all but the last' | 'less';
  readonly image: DirectoryImage;
  /** Equal for equal images. */
  readonly key: string;
}

/** What a disk was given, and what of that it has for sure. */
export interface PendingDisk {
  readonly root: DirectoryNode;
  readonly entries: EntryChanges;
  /** Files that may have less than what they were given. */
  readonly files: Iterable<FileNode>;
  /** The last sync that succeeded, among all operations. */
  readonly lastSync: number;
  /** The last operation. */
  readonly sequence: number;
}

/** The states of a disk under one profile; some may come twice. To be walked before the disk changes again. */
export function crashStates(disk: PendingDisk, profile: Profile, sampling: Sampling): Generator<CrashState> {
  return profile === 'prefix' ? prefixStates(disk, sampling) : looseStates(disk, profile, sampling);
}

type FileView = (file: FileNode) => FileImage;

/** What the operations up to a point make, the last of them in part. */
interface Prefix {
  readonly sequence: number;
  /** How many bytes of the append after it are there. */
  readonly tornBytes: number;
}

function* prefixStates(disk: PendingDisk, { random, limit = Infinity }: Sampling): Generator<CrashState> {
  const files = new Map(Array.from(disk.files, (file) => [file, file.undecided]));
  const appends = [...files.values()].flat();
  const sequences = new Set([disk.lastSync, disk.sequence]);
  for (const { sequence } of [...disk.entries.pending, ...appends]) sequences.add(sequence);
  const prefixes: Prefix[] = [...sequences]
    .filter((sequence) => sequence >= disk.lastSync)
    .sort((a, b) => b - a)
    .map((sequence) => ({ sequence, tornBytes: 0 }));
  const last = appends.find(({ sequence }) => sequence === disk.sequence);
  const lastBytes = last === undefined ? 0 : last.end - last.start;
  for (let tornBytes = 1; tornBytes < lastBytes; tornBytes++) {
    prefixes.push({ sequence: disk.sequence - 1, tornBytes });
  }
  for (const prefix of pick(prefixes, limit, random)) {
    const chosen = disk.entries.pending.filter(
      ({ sequence, unsynced }) => unsynced.size === 0 || sequence <= prefix.sequence,
    );
    const view: FileView = (file) => {
      const pending = files.get(file);
      return pending === undefined ? file.image() : file.image(lengthAt(file, pending, prefix));
    };
    const isLess = prefix.sequence < disk.sequence && prefix.tornBytes === 0;
    const has = isLess ? 'less' : prefix.tornBytes > 0 ? 'all but the last' : 'all';
    yield stateOf('prefix', has, disk.root, chosen, view);
  }
}

/** The first, and where there are more than may be had, random ones of the others. */
function pick<T>(all: readonly T[], limit: number, random: Sampling['random']): readonly T[] {
  if (all.length <= limit) return all;
  return Array.from({ length: limit }, (_, i) => all[i === 0 ? 0 : 1 + random.below(all.length - 1)]);
}

function lengthAt(file: FileNode, pending: readonly Append[], { sequence, tornBytes }: Prefix): number {
  let length = file.syncedLength;
  for (const append of pending) {
    if (append.sequence <= sequence) length = Math.max(length, append.end);
    else if (append.sequence === sequence + 1) length = Math.max(length, append.start + tornBytes);
  }
  return length;
}

/** One question that a crash answers. */
interface Choice {
  /** When it came up, among all operations. */
  readonly sequence: number;
  readonly options: number;
  readonly kind: 'entry' | 'journal' | 'size' | 'block' | 'fill';
  /** Which of that kind. */
  readonly subject: EntryOperation | FileStates | undefined;
  /** Which block of the file. */
  readonly block: number;
}

function* looseStates(
  disk: PendingDisk,
  profile: 'ext4-ordered' | 'adversarial',
  sampling: Sampling,
): Generator<CrashState> {
  const fileStates = Array.from(disk.files, (file) => new FileStates(file));
  const entryChoices = profile === 'adversarial' ? looseEntries(disk.entries) : journal(disk.entries);
  const choices = [...entryChoices, ...fileStates.flatMap(fileChoices)];
  // Garbage comes from one seed a state, so that the same choices can be had again.
  const grows = fileStates.some(({ blocks }) => blocks.length > 0);
  if (profile === 'adversarial' && grows) {
    choices.push({ sequence: 0, options: 2, kind: 'fill', subject: undefined, block: 0 });
  }
  choices.sort((a, b) => a.sequence - b.sequence);
  const options = choices.map((choice) => choice.options);
  for (const combination of combinations(options, sampling)) {
    yield looseState(disk, profile, fileStates, choices, combination);
  }
}

/** Each operation by itself. */
function looseEntries({ pending }: EntryChanges): Choice[] {
  return pending
    .filter(({ unsynced }) => unsynced.size > 0)
    .map((subject) => ({ sequence: subject.sequence, options: 2, kind: 'entry', subject, block: 0 }));
}

/** How many of the operations that are not in the journal for sure. */
function journal({ pending, journalled }: EntryChanges): Choice[] {
  const open = pending.filter(({ sequence }) => sequence > journalled);
  if (open.length === 0) return [];
  const [{ sequence }] = open;
  return [{ sequence, options: open.length + 1, kind: 'journal', subject: undefined, block: 0 }];
}

function fileChoices(subject: FileStates): Choice[] {
  const { sizes, blocks } = subject;
  const choices = blocks.map(({ appends }, block): Choice => {
    return { sequence: appends[0].sequence, options: appends.length + 1, kind: 'block', subject, block };
  });
  if (sizes.length > 1) {
    const sequence = choices[0]?.sequence ?? 0;
    choices.push({ sequence, options: sizes.length, kind: 'size', subject, block: 0 });
  }
  return choices;
}

function looseState(
  disk: PendingDisk,
  profile: 'ext4-ordered' | 'adversarial',
  fileStates: readonly FileStates[],
  choices: readonly Choice[],
  combination: Combination,
): CrashState {
  const { pending, journalled } = disk.entries;
  const onDisk = new Set<EntryOperation>();
  for (const operation of pending) {
    const isThere =
      operation.unsynced.size === 0 || (profile !== 'adversarial' && operation.sequence <= journalled);
    if (isThere) onDisk.add(operation);
  }
  const chosen = new Map(
    fileStates.map((states) => [
      states.file,
      { states, size: states.sizes[0], versions: states.blocks.map(() => 0) },
    ]),
  );
  let fill: Fill;
  for (const [i, { kind, subject, block }] of choices.entries()) {
    const option = combination[i];
    if (kind === 'fill') fill = option === 0 ? undefined : disk.sequence;
    else if (kind === 'journal') {
      const open = pending.filter(({ sequence }) => sequence > journalled);
      for (const operation of open.slice(0, option)) onDisk.add(operation);
    } else if (subject instanceof FileStates) {
      const file = chosen.get(subject.file);
      if (file === undefined) continue;
      if (kind === 'size') file.size = subject.sizes[option];
      else file.versions[block] = option;
    } else if (subject !== undefined && option === 1) onDisk.add(subject);
  }
  const view: FileView = (file) => {
    const choice = chosen.get(file);
    return choice === undefined ? file.image() : choice.states.image(choice.size, choice.versions, fill);
  };
  const applied = pending.filter((operation) => onDisk.has(operation));
  return stateOf(profile, 'less', disk.root, applied, view);
}

function stateOf(
  profile: Profile,
  has: CrashState['has'],
  root: DirectoryNode,
  operations: readonly EntryOperation[],
  view: FileView,
): CrashState {
  const entries = new Map<DirectoryNode, Map<string, Node>>();
  for (const { changes } of operations) {
    for (const change of changes) {
      let changed = entries.get(change.directory);
      if (changed === undefined) {
        changed = new Map(change.directory.durable);
        entries.set(change.directory, changed);
      }
      applyTo(changed, change);
    }
  }
  const files = new Map<FileNode, FileImage>();
  const imageOf = (directory: DirectoryNode): DirectoryImage => {
    const image = new Map<string, FileImage | DirectoryImage>();
    for (const [name, node] of entries.get(directory) ?? directory.durable) {
      if (node instanceof DirectoryNode) image.set(name, imageOf(node));
      else {
        let file = files.get(node);
        if (file === undefined) {
          file = view(node);
          files.set(node, file);
        }
        image.set(name, file);
      }
    }
    return image;
  };
  const image = imageOf(root);
  return { profile, has, image, key: keyOf(image) };
}
