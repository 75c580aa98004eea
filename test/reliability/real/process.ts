/** Starts a writer, hears what it tells, and kills it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BEGUN, type Life } from './writer.ts';

const WRITER = fileURLToPath(new URL('./writer.js', import.meta.url));

export interface Ending {
  /** The steps that it had acknowledged. */
  readonly acknowledged: number;
  /** Whether it got as far as to have the database open. */
  readonly opened: boolean;
  readonly code: number | null;
  readonly signal: string | null;
  /** What it wrote to standard error. */
  readonly errors: string;
}

export class WriterProcess {
  readonly child: ChildProcess;
  readonly #messages: number[] = [];
  #rest: Uint8Array = new Uint8Array(0);

  /** @param onMessage called with how many messages have come, after each piece of them */
  constructor(life: Life, onMessage: (count: number) => void) {
    this.child = spawn(process.execPath, [WRITER, JSON.stringify(life)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (data: Buffer) => {
      this.#take(data);
      onMessage(this.#messages.length);
    });
  }

  async ending(): Promise<Ending> {
    const errors: Buffer[] = [];
    this.child.stderr?.on('data', (data: Buffer) => errors.push(data));
    const [code, signal] = await once(this.child, 'close');
    const steps = this.#messages.filter((number) => number !== BEGUN);
    return {
      acknowledged: steps.reduce((most, number) => Math.max(most, number), 0),
      opened: steps.length > 0,
      code,
      signal,
      errors: Buffer.concat(errors).toString(),
    };
  }

  /** A number may come in two pieces. */
  #take(data: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, data]) : data;
    const whole = bytes.length - (bytes.length % 4);
    for (let at = 0; at < whole; at += 4) this.#messages.push(bytes.readUInt32LE(at));
    this.#rest = bytes.subarray(whole);
  }
}

const SLEEP = new Int32Array(new SharedArrayBuffer(4));

/** Lets a process live until it has told so much and so long after it, and kills it. */
export async function killedAfter(life: Life, messages: number, milliseconds: number): Promise<Ending> {
  let killed = false;
  const writer = new WriterProcess(life, (count) => {
    if (killed || count < messages) return;
    killed = true;
    // Sleeps at the precision of the system, which a timer of the event loop does not have.
    if (milliseconds > 0) Atomics.wait(SLEEP, 0, 0, milliseconds);
    writer.child.kill('SIGKILL');
  });
  const ending = await writer.ending();
  const { code, signal, errors } = ending;
  assert.equal(signal, 'SIGKILL', `the process ended by itself, with ${code}: ${errors}`);
  return ending;
}
