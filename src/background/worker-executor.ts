/**
 * Runs jobs on one worker thread, started when the first job comes. The worker opens its own files: a
 * descriptor must never cross threads, since it dies with the thread that opened it.
 *
 * Answers travel through a message port. The owner learns of them by a counter in the shared mailbox, so it
 * can fetch them from within a synchronous loop; if it is idle, the port's event tells it. A worker that
 * dies or never starts is noticed by its events, or by whoever waits for it; its jobs are answered with an
 * error, and the next job starts another worker.
 */
import { existsSync } from 'node:fs';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { LsmError } from '../errors.ts';
import type { AnswerListener, Executor } from './executor.ts';
import type { FileNumbers } from './file-numbers.ts';
import { fromWire, type JobAnswer, type JobRequest, type WireAnswer } from './job.ts';
import { Mailbox } from './mailbox.ts';
import type { WorkerDatabase, WorkerSetup } from './worker-setup.ts';

/** A started worker. */
interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly mailbox: Mailbox;
  /** The mailbox's count of answers up to which all were taken. */
  taken: number;
  /** How long the owner has waited for it to start, milliseconds. */
  awaited: number;
}

/** How often a waiting owner looks whether the worker lives, milliseconds. */
const LOOK_INTERVAL = 1000;

/** How long a waiting owner gives a worker to start, milliseconds; it takes some thirty on an idle machine. */
const START_LIMIT = 30_000;

export class WorkerExecutor implements Executor {
  readonly #database: WorkerDatabase;
  readonly #fileNumbers: FileNumbers;
  readonly #listener: AnswerListener;
  readonly #running = new Set<number>();
  /** Answers that came through the event loop, or were made up for jobs whose worker was lost. */
  readonly #ready: JobAnswer[] = [];
  #thread: Thread | undefined;
  #keepsAlive = false;

  constructor(database: WorkerDatabase, fileNumbers: FileNumbers, listener: AnswerListener) {
    this.#database = database;
    this.#fileNumbers = fileNumbers;
    this.#listener = listener;
  }

  get hasAnswer(): boolean {
    if (this.#ready.length > 0) return true;
    const thread = this.#thread;
    // The message of an answer may have been taken before its count: then the owner is ahead.
    return thread !== undefined && ((thread.mailbox.answers - thread.taken) | 0) > 0;
  }

  submit(request: JobRequest): void {
    this.#running.add(request.id);
    try {
      this.#thread ??= this.#start();
      this.#thread.port.postMessage(request);
    } catch (error) {
      this.#lose(request.id, error instanceof Error ? error.message : String(error));
    }
  }

  take(): JobAnswer | undefined {
    return this.#ready.shift() ?? this.#receive();
  }

  wait(milliseconds: number): void {
    for (let left = milliseconds; left > 0 && !this.hasAnswer; left -= LOOK_INTERVAL) {
      const thread = this.#thread;
      if (thread === undefined) return;
      const seen = thread.mailbox.answers;
      if (((seen - thread.taken) | 0) > 0) return;
      const slice = Math.min(left, LOOK_INTERVAL);
      thread.mailbox.sleep(seen, slice);
      if (!this.hasAnswer) this.#checkAlive(thread, slice);
    }
  }

  keepAlive(on: boolean): void {
    this.#keepsAlive = on;
    if (on) this.#thread?.port.ref();
    else this.#thread?.port.unref();
  }

  requestStop(): void {
    this.#thread?.mailbox.requestStop();
  }

  close(): void {
    this.#abandon();
  }

  #start(): Thread {
    const { port1, port2 } = new MessageChannel();
    const mailbox = new Mailbox();
    const setup: WorkerSetup = {
      ...this.#database,
      mailbox: mailbox.buffer,
      fileNumbers: this.#fileNumbers.buffer,
      port: port2,
    };
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./worker-main.${extension}`, import.meta.url), {
      name: 'mini-lsm',
      workerData: setup,
      transferList: [port2],
      // Inherited ones may be about the main program alone, such as --input-type.
      execArgv: [],
    });
    worker.on('error', (error) => this.#loseThread(String(error)));
    worker.on('exit', () => this.#loseThread('its thread has ended'));
    worker.unref();
    const thread: Thread = { worker, port: port1, mailbox, taken: 0, awaited: 0 };
    port1.on('message', (message: WireAnswer) => {
      this.#ready.push(this.#accept(thread, message));
      this.#listener();
    });
    if (!this.#keepsAlive) port1.unref();
    return thread;
  }

  #receive(): JobAnswer | undefined {
    const thread = this.#thread;
    if (thread === undefined) return undefined;
    const received: { message: WireAnswer } | undefined = receiveMessageOnPort(thread.port);
    return received === undefined ? undefined : this.#accept(thread, received.message);
  }

  #accept(thread: Thread, message: WireAnswer): JobAnswer {
    thread.taken = (thread.taken + 1) | 0;
    const answer = fromWire(message);
    this.#running.delete(answer.id);
    return answer;
  }

  /** After a wait in vain: notices without an event loop that nobody will ever answer. */
  #checkAlive(thread: Thread, waited: number): void {
    const id = thread.mailbox.thread;
    if (id === 0) {
      thread.awaited += waited;
      if (thread.awaited >= START_LIMIT)
        this.#loseThread("its thread did not start; use background: 'inline'");
    } else if (id > 0 && existsSync('/proc/self/task') && !existsSync(`/proc/self/task/${id}`)) {
      this.#loseThread('its thread has ended');
    }
  }

  /** Answers for every running job. */
  #loseThread(why: string): void {
    if (this.#thread === undefined) return;
    for (let answer = this.#receive(); answer !== undefined; answer = this.#receive()) {
      this.#ready.push(answer);
    }
    this.#abandon();
    for (const id of [...this.#running]) this.#lose(id, why);
    this.#listener();
  }

  #lose(id: number, why: string): void {
    this.#running.delete(id);
    this.#ready.push({ id, outcome: new LsmError('LSM_INTERNAL', `a background job was lost: ${why}`) });
  }

  #abandon(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread === undefined) return;
    thread.mailbox.requestStop();
    thread.port.close();
    thread.worker.removeAllListeners();
    // An error event without a listener would end the process.
    thread.worker.on('error', () => {});
    void thread.worker.terminate();
  }
}
