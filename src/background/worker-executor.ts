/**
 * Runs jobs on one worker thread, started when the first job comes. The worker opens its own files: a
 * descriptor must never cross threads, since it dies with the thread that opened it.
 *
 * Answers travel through a message port. The owner learns of them by a counter in the shared mailbox, so
 * it can fetch them from within a synchronous loop; if it is idle, the port's event tells it.
 */
import { existsSync } from 'node:fs';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { LsmError } from '../errors.ts';
import type { TableOptions } from '../sstable/table-builder.ts';
import type { AnswerListener, Executor } from './executor.ts';
import { fromWire, type JobAnswer, type JobRequest, type WireAnswer } from './job.ts';
import type { Mailbox } from './mailbox.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly directory: string;
  readonly databaseId: Uint8Array;
  readonly table: TableOptions;
  readonly mailbox: SharedArrayBuffer | ArrayBuffer;
  readonly port: MessagePort;
}

/** How often a waiting owner looks whether the worker still lives, milliseconds. */
const LIVENESS_INTERVAL = 1000;

export class WorkerExecutor implements Executor {
  readonly #setup: Omit<WorkerSetup, 'mailbox' | 'port'>;
  readonly #mailbox: Mailbox;
  readonly #listener: AnswerListener;
  readonly #running = new Set<number>();
  /** Answers that came through the event loop, or were made up for jobs whose worker died. */
  readonly #ready: JobAnswer[] = [];
  #worker: Worker | undefined;
  #port: MessagePort | undefined;
  /** The mailbox's count of answers up to which all were taken. */
  #taken = 0;

  constructor(setup: Omit<WorkerSetup, 'mailbox' | 'port'>, mailbox: Mailbox, listener: AnswerListener) {
    this.#setup = setup;
    this.#mailbox = mailbox;
    this.#listener = listener;
  }

  get hasAnswer(): boolean {
    return this.#mailbox.answers !== this.#taken || this.#ready.length > 0;
  }

  submit(request: JobRequest): void {
    this.#running.add(request.id);
    this.#startedPort().postMessage(request);
  }

  take(): JobAnswer | undefined {
    const ready = this.#ready.shift();
    if (ready !== undefined) return ready;
    return this.#receive();
  }

  wait(milliseconds: number): void {
    let left = milliseconds;
    while (!this.hasAnswer && left > 0) {
      const slice = Math.min(left, LIVENESS_INTERVAL);
      this.#mailbox.sleep(this.#taken, slice);
      left -= slice;
      if (!this.hasAnswer && this.#workerIsGone()) this.#failRunning('its thread has ended');
    }
  }

  requestStop(): void {
    this.#mailbox.requestStop();
  }

  close(): void {
    this.#port?.close();
    this.#port = undefined;
    this.#abandonWorker();
  }

  #accept(message: WireAnswer): JobAnswer {
    this.#taken = (this.#taken + 1) | 0;
    const answer = fromWire(message);
    this.#running.delete(answer.id);
    return answer;
  }

  #startedPort(): MessagePort {
    if (this.#port !== undefined) return this.#port;
    const { port1, port2 } = new MessageChannel();
    const setup: WorkerSetup = { ...this.#setup, mailbox: this.#mailbox.buffer, port: port2 };
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./worker-main.${extension}`, import.meta.url), {
      name: 'mini-lsm',
      workerData: setup,
      transferList: [port2],
    });
    worker.on('error', (error) => this.#failRunning(String(error)));
    worker.on('exit', () => this.#failRunning('its thread has ended'));
    worker.unref();
    port1.on('message', (message: WireAnswer) => {
      this.#ready.push(this.#accept(message));
      this.#listener();
    });
    port1.unref();
    this.#worker = worker;
    this.#port = port1;
    return port1;
  }

  /** Answers for every running job, and lets the next job start a new worker. */
  #failRunning(why: string): void {
    if (this.#worker === undefined) return;
    this.#abandonWorker();
    for (let answer = this.#receive(); answer !== undefined; answer = this.#receive())
      this.#ready.push(answer);
    this.#port?.close();
    this.#port = undefined;
    this.#taken = this.#mailbox.answers;
    for (const id of this.#running) {
      const outcome = new LsmError('LSM_INTERNAL', `a background job was lost: ${why}`);
      this.#ready.push({ id, outcome });
    }
    this.#running.clear();
    this.#listener();
  }

  #abandonWorker(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.removeAllListeners();
    // An error event without a listener would end the process.
    worker?.on('error', () => {});
    void worker?.terminate();
  }

  #receive(): JobAnswer | undefined {
    if (this.#port === undefined) return undefined;
    const received: { message: WireAnswer } | undefined = receiveMessageOnPort(this.#port);
    return received === undefined ? undefined : this.#accept(received.message);
  }

  /** Where the system shows its threads, tells whether the worker's is among them. */
  #workerIsGone(): boolean {
    const thread = this.#mailbox.workerThread;
    return thread !== 0 && existsSync('/proc/self/task') && !existsSync(`/proc/self/task/${thread}`);
  }
}
