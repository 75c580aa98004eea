/** Makes the files of a LevelDB directory byte by byte, so that tests can make wrong ones too. */
import { joinPath } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { crc32c, masked } from '../../src/leveldb/crc32c.ts';

export function concat(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

export function u32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

export function u64(value: number): number[] {
  return [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];
}

export function prefixed(bytes: Uint8Array): Uint8Array {
  return concat(varint(bytes.length), bytes);
}

/** `kind` is LevelDB's: 1 a value, 0 a deletion. */
export function internalKey(userKey: string, sequence: number, kind = 1): Uint8Array {
  return concat(text(userKey), u64(sequence * 256 + kind));
}

/** A fragment of a log with a right checksum. */
export function fragment(kind: number, data: Uint8Array, length: number = data.length): Uint8Array {
  const checked = concat([kind], data);
  return concat(u32(masked(crc32c(checked, 0, checked.length))), [length & 255, length >>> 8], checked);
}

/** Records of a log as LevelDB would write them. */
export function log(...records: readonly Uint8Array[]): Uint8Array {
  const out: number[] = [];
  for (const record of records) {
    let at = 0;
    let first = true;
    do {
      const left = 32_768 - (out.length % 32_768);
      if (left < 7) {
        out.push(...new Array<number>(left).fill(0));
        continue;
      }
      const data = record.subarray(at, at + left - 7);
      at += data.length;
      const last = at === record.length;
      const kind = first ? (last ? 1 : 2) : last ? 4 : 3;
      for (const byte of fragment(kind, data)) out.push(byte);
      first = false;
    } while (first || at < record.length);
  }
  return Uint8Array.from(out);
}

export type Write = readonly [key: string, value: string | undefined];

/** A record of a write-ahead log. */
export function batch(sequence: number, ...writes: readonly Write[]): Uint8Array {
  const entries = writes.map(([key, value]) =>
    value === undefined
      ? concat([0], prefixed(text(key)))
      : concat([1], prefixed(text(key)), prefixed(text(value))),
  );
  return concat(u64(sequence), u32(writes.length), ...entries);
}

/** An entry of a block: the key's shared bytes may be given wrong. */
export function entry(key: Uint8Array, value: Uint8Array, shared = 0): Uint8Array {
  const rest = key.subarray(shared);
  return concat(varint(shared), varint(rest.length), varint(value.length), rest, value);
}

export function block(entries: readonly Uint8Array[], restarts: readonly number[] = [0]): Uint8Array {
  return concat(...entries, ...restarts.map(u32), u32(restarts.length));
}

/** A block with its trailer. */
export function stored(contents: Uint8Array, compression = 0): Uint8Array {
  const checked = concat(contents, [compression]);
  return concat(checked, u32(masked(crc32c(checked, 0, checked.length))));
}

export function handle(offset: number, bytes: number): Uint8Array {
  return concat(varint(offset), varint(bytes));
}

export const MAGIC: readonly number[] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

export function footer(index: Uint8Array): Uint8Array {
  const handles = concat(handle(0, 0), index);
  return concat(handles, new Uint8Array(40 - handles.length), MAGIC);
}

/** A table of the data blocks given, in order, with an index that leads to them or somewhere else. */
export function table(
  blocks: readonly { readonly contents: Uint8Array; readonly compression?: number }[],
  index?: (handles: readonly Uint8Array[]) => readonly Uint8Array[],
): Uint8Array {
  const data = blocks.map(({ contents, compression }) => stored(contents, compression));
  let offset = 0;
  const handles = data.map((bytes) => {
    const at = offset;
    offset += bytes.length;
    return handle(at, bytes.length - 5);
  });
  const values = index === undefined ? handles : index(handles);
  const contents = block(values.map((value, i) => entry(text(`index ${i}`), value)));
  return concat(...data, stored(contents), footer(handle(offset, contents.length)));
}

export interface Tables {
  readonly level: number;
  readonly number: number;
  readonly bytes: number;
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

/** The fields of version edits. */
export const field = {
  comparator: (name = 'leveldb.BytewiseComparator'): Uint8Array => concat([1], prefixed(text(name))),
  logNumber: (number: number): Uint8Array => concat([2], varint(number)),
  nextFile: (number: number): Uint8Array => concat([3], varint(number)),
  lastSequence: (sequence: number): Uint8Array => concat([4], varint(sequence)),
  previousLog: (number: number): Uint8Array => concat([9], varint(number)),
  deleted: (level: number, number: number): Uint8Array => concat([6], varint(level), varint(number)),
  added: ({ level, number, bytes, smallest, largest }: Tables): Uint8Array =>
    concat([7], varint(level), varint(number), varint(bytes), prefixed(smallest), prefixed(largest)),
} as const;

/** An edit with everything that a manifest must say. */
export function edit(...more: readonly Uint8Array[]): Uint8Array {
  return concat(field.comparator(), field.logNumber(9), field.nextFile(20), field.lastSequence(100), ...more);
}

export const SOURCE = '/source';
export const TARGET = '/target';

/** A directory of those files, and a CURRENT; the log 9 is empty unless given. */
export function directory(files: Readonly<Record<string, Uint8Array>>): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(SOURCE);
  const all = { CURRENT: text('MANIFEST-000008\n'), '000009.log': new Uint8Array(0), ...files };
  for (const [name, bytes] of Object.entries(all)) {
    const file = fs.createFile(joinPath(SOURCE, name));
    file.append(bytes);
    file.close();
  }
  return fs;
}

/** A directory with one table, at a level, whose manifest describes it. */
export function directoryOfTable(
  bytes: Uint8Array,
  [smallest, largest]: readonly [Uint8Array, Uint8Array],
  level = 2,
): MemoryFileSystem {
  const added = field.added({ level, number: 5, bytes: bytes.length, smallest, largest });
  return directory({ 'MANIFEST-000008': log(edit(added)), '000005.ldb': bytes });
}
