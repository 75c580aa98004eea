/**
 * Standard output, collected into large writes. `flush` waits until the reader has taken them, so that
 * memory stays bounded however slow the reader is. A reader that goes away (`| head`) is no failure: it
 * ends the command by {@link OutputClosed}, which nobody reports.
 */
import type { Writable } from 'node:stream';

/** The reader of our output closed it. */
export class OutputClosed extends Error {
  override readonly name: string = 'OutputClosed';
}

const FLUSH_CHARACTERS = 64 * 1024;

export class Output {
  readonly #stream: Writable;
  #text = '';

  constructor(stream: Writable) {
    this.#stream = stream;
    // Failures arrive at the callback of `write`; without a listener they would end the process as well.
    stream.on('error', () => {});
  }

  /** Adds a line. Call `flush` when {@link full}. */
  line(text: string): void {
    this.#text += `${text}\n`;
  }

  /** Whether enough has been collected to be worth a write. */
  get full(): boolean {
    return this.#text.length >= FLUSH_CHARACTERS;
  }

  /** Writes bytes exactly as they are, after what was collected. */
  async bytes(bytes: Uint8Array): Promise<void> {
    await this.flush();
    if (bytes.length > 0) await this.#write(bytes);
  }

  /** Waits until everything collected has been taken by the reader. */
  async flush(): Promise<void> {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    await this.#write(text);
  }

  #write(chunk: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(chunk, (error) => {
        if (!error) resolve();
        else reject(isClosedPipe(error) ? new OutputClosed() : error);
      });
    });
  }
}

function isClosedPipe(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'ERR_STREAM_WRITE_AFTER_END';
}
