/**
 * A layer that writes down every operation, with what it was done to and what came of it: to compare two runs
 * of a seed, and to see what a run did.
 */
import { crc32 } from '../../src/bytes/crc32.ts';
import type { FileSystem, WritableFile } from '../../src/fs/file-system.ts';
import { type Call, Layer } from './layer.ts';
import { describeOperation, type OperationKind } from './operation.ts';

export class TraceFileSystem extends Layer {
  /** One line an operation: `append /db/000003.wal, 64 bytes`, and behind ` -> ` an error if it threw one. */
  readonly lines: string[] = [];
  readonly #kinds: ReadonlySet<OperationKind> | undefined;
  readonly #withContents: boolean;

  /**
   * @param kinds what is written down; by default everything.
   * @param withContents whether a checksum of what is appended is written down too; not where the bytes hold
   * something random, such as the id of a new database.
   */
  constructor(inner: FileSystem, kinds?: ReadonlySet<OperationKind>, withContents = false) {
    super(inner);
    this.#kinds = kinds;
    this.#withContents = withContents;
  }

  /** A checksum of all lines: equal for runs that did the same. */
  get digest(): number {
    const text = new TextEncoder().encode(this.lines.join('\n'));
    return crc32(text, 0, text.length);
  }

  override createFile(path: string): WritableFile {
    const file = super.createFile(path);
    if (!this.#withContents) return file;
    const append = file.append.bind(file);
    file.append = (bytes, start = 0, length = bytes.length - start) => {
      this.lines.push(`crc32 ${crc32(bytes, start, length)}`);
      append(bytes, start, length);
    };
    return file;
  }

  protected override perform<Result>(call: Call<Result>): Result {
    if (this.#kinds?.has(call.operation.kind) === false) return call.effect();
    const index = this.lines.push(describeOperation(call.operation)) - 1;
    try {
      return call.effect();
    } catch (error) {
      this.lines[index] += ` -> ${error instanceof Error ? error.message : String(error)}`;
      throw error;
    }
  }
}
