/** The input of `load`: a file or standard input, as chunks that are counted as they are read. */
import type { Buffer } from 'node:buffer';
import { fstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { usageFailure } from './exit-codes.ts';

export class Input {
  readonly #stream: Readable;
  /** Size of the input, undefined for a pipe. */
  readonly totalBytes: number | undefined;
  /** Bytes handed out so far. */
  bytesRead = 0;

  constructor(stream: Readable, totalBytes: number | undefined) {
    this.#stream = stream;
    this.totalBytes = totalBytes;
  }

  /** The chunks in order, read only as fast as they are asked for. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
        this.bytesRead += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw readFailure(error, 'the input');
    }
  }

  /** Ends the reading: whoever waits for a chunk gets `reason`. */
  abort(reason: Error): void {
    this.#stream.destroy(reason);
  }

  /** Idempotent. */
  close(): void {
    this.#stream.on('error', () => {});
    this.#stream.destroy();
  }
}

/** Opens a file, or standard input for `-`. */
export async function openInput(name: string, stdin: typeof process.stdin): Promise<Input> {
  if (name === '-') return new Input(stdin, sizeOfDescriptor(stdin.fd));
  try {
    const handle = await open(name);
    const status = await handle.stat();
    if (status.isDirectory()) {
      await handle.close();
      throw usageFailure(`${name} is a directory`);
    }
    return new Input(handle.createReadStream(), status.isFile() ? status.size : undefined);
  } catch (error) {
    throw readFailure(error, name);
  }
}

/** What the operating system refused, as a fault of the input; other errors as they are. */
function readFailure(error: unknown, name: string): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  return usageFailure(`cannot read ${name}: ${error.message}`, error);
}

function sizeOfDescriptor(descriptor: number): number | undefined {
  try {
    const status = fstatSync(descriptor);
    return status.isFile() ? status.size : undefined;
  } catch {
    return undefined;
  }
}
