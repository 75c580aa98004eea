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
    for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
      this.bytesRead += chunk.length;
      yield chunk;
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
    if (error instanceof Error && 'syscall' in error)
      throw usageFailure(`cannot read ${name}: ${error.message}`, error);
    throw error;
  }
}

function sizeOfDescriptor(descriptor: number): number | undefined {
  try {
    const status = fstatSync(descriptor);
    return status.isFile() ? status.size : undefined;
  } catch {
    return undefined;
  }
}
