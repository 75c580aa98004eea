/**
 * Runs jobs on one worker thread, started when the first job comes. The worker opens its own files: a
 * descriptor must never cross threads, since it dies with the thread that opened it.
 *
 * Answers travel through a message port. The owner learns of them by a counter in the shared mailbox, so it
 * can fetch them from within a synchronous loop; if it is idle, the port's event tells it. A worker that
 * dies or never starts is noticed by its events, or by whoever waits for it. Its jobs are given to another
 * one, which writes files of other numbers, since nobody knows how far the first one came; a job that loses
 * several workers is answered with an error.
 */
import { existsSync } from 'node:fs';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { LsmError } from '../errors.ts';
import type { AnswerListener, Executor } from './executor.ts';
import type { FileNumbers } from './file-numbers.ts';
import { fromWire, type JobAnswer, type JobRequest, type WireAnswer, type WriteBackRequest } from './job.ts';
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

/** A job that was sent and is not answered. */
interface Pending {
  readonly request: JobRequest;
  /** How many workers died with it. */
  losses: number;
}

/** A job that has lost so many workers gets no other: it may be what they die of. */
const MOST_LOSSES = 3;

/** How often a waiting owner looks whether the worker lives, milliseconds. It takes some ten microseconds. */
const LOOK_INTERVAL = 100;

/** How long a waiting owner gives a worker to start, milliseconds; it takes some thirty on an idle machine. */
const START_LIMIT = 30_000;

export class WorkerExecutor implements Executor {
  readonly runsAside = true;
  readonly #database: WorkerDatabase;
  readonly #fileNumbers: FileNumbers;
  readonly #listener: AnswerListener;
  readonly #pending = new Map<number, Pending>();
  /** Answers that came through the event loop, or were made up for jobs whose worker was lost. */
  readonly #ready: JobAnswer[] = [];
  #thread: Thread | undefined;
  #keepsAlive = false;
  #stopping = false;

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
    const job: Pending = { request, losses: 0 };
    this.#pending.set(request.id, job);
    this.#send(job);
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
    const thread = this.#thread;
    // The worker too: its port is closed when it dies, and then its end is what has to be waited for.
    if (on) {
      thread?.port.ref();
      thread?.worker.ref();
    } else {
      thread?.port.unref();
      thread?.worker.unref();
    }
  }

  writeBack(logNumber: number): void {
    const request: WriteBackRequest = { kind: 'write-back', logNumber };
    // Not worth a thread of its own: the first job starts one.
    this.#thread?.port.postMessage(request);
  }

  requestStop(): void {
    this.#stopping = true;
    this.#thread?.mailbox.requestStop();
  }

  close(): void {
    this.#abandon();
  }

  #send(job: Pending): void {
    try {
      this.#thread ??= this.#start();
      this.#thread.port.postMessage(job.request);
    } catch (error) {
      this.#giveUp(job, error instanceof Error ? error.message : String(error));
    }
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
    const thread: Thread = { worker, port: port1, mailbox, taken: 0, awaited: 0 };
    port1.on('message', (message: WireAnswer) => {
      this.#ready.push(this.#accept(thread, message));
      this.#listener();
    });
    if (!this.#keepsAlive) {
      port1.unref();
      worker.unref();
    }
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
    const losses = this.#pending.get(answer.id)?.losses ?? 0;
    this.#pending.delete(answer.id);
    return losses > 0 ? { ...answer, interrupted: true } : answer;
  }

  /** After a wait in vain: notices without an event loop that nobody will ever answer. */
  #checkAlive(thread: Thread, waited: number): void {
    const { hasEnded, thread: id } = thread.mailbox;
    if (hasEnded) {
      this.#loseThread('its thread has ended');
    } else if (id === 0) {
      thread.awaited += waited;
      if (thread.awaited >= START_LIMIT) this.#loseThread('its thread did not start', true);
    } else if (id > 0 && existsSync('/proc/self/task') && !existsSync(`/proc/self/task/${id}`)) {
      this.#loseThread('its thread has ended');
    }
  }

  /** Sends every job to another worker, unless that is `hopeless`. */
  #loseThread(why: string, hopeless = false): void {
    if (this.#thread === undefined) return;
    for (let answer = this.#receive(); answer !== undefined; answer = this.#receive()) {
      this.#ready.push(answer);
    }
    this.#abandon();
    // Flushes first: the merge may be what workers die of, and must not take them along each time.
    const jobs = [...this.#pending.values()].sort(
      (a, b) => Number(a.request.kind === 'merge') - Number(b.request.kind === 'merge'),
    );
    for (const job of jobs) {
      job.losses += 1;
      if (hopeless || this.#stopping || job.losses === MOST_LOSSES) this.#giveUp(job, why);
      else this.#send(job);
    }
    if (this.#ready.length > 0) this.#listener();
  }

  #giveUp({ request: { id }, losses }: Pending, why: string): void {
    this.#pending.delete(id);
    const times = losses > 1 ? `, ${losses} times` : '';
    const message = `a background job was lost${times}: ${why}; if no thread can live here, use background: 'inline'`;
    this.#ready.push({ id, outcome: new LsmError('LSM_INTERNAL', message), interrupted: losses > 0 });
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
