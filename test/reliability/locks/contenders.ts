/** Processes and threads that contend for locks, kept alive from trial to trial; one that was killed is replaced. */
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Answer, Order } from './actor.ts';

const ACTOR = new URL('./actor.js', import.meta.url);

/** In a pid namespace of its own, as a process in a container is, with the `/proc` that belongs to it. */
const CONTAINER = ['--pid', '--fork', '--kill-child', '--mount-proc'];

export class Contender {
  readonly kind: 'process' | 'thread' | 'container';
  #actor: ChildProcess | Worker | undefined;

  constructor(kind: Contender['kind']) {
    this.kind = kind;
  }

  /** Undefined for a thread. */
  get pid(): number | undefined {
    return this.#actor instanceof Worker ? undefined : this.#actor?.pid;
  }

  /** @throws Error, instead of waiting for ever, if it ends before it answers */
  async ask(order: Order): Promise<Answer> {
    this.#actor ??= this.#start();
    const actor = this.#actor;
    const ended = new AbortController();
    const onExit = (): void => {
      if (this.#actor === actor) this.#actor = undefined;
      ended.abort();
    };
    actor.once('exit', onExit);
    keepAlive(actor, true);
    try {
      const answer = once(actor, 'message', { signal: ended.signal });
      if (actor instanceof Worker) actor.postMessage(order);
      else actor.send(order);
      const [message] = (await answer) as [Answer];
      return message;
    } catch (error) {
      if (!ended.signal.aborted) throw error;
      return { outcome: 'killed', message: '' };
    } finally {
      actor.off('exit', onExit);
      keepAlive(actor, false);
    }
  }

  /** `kill -9`, or the end of the thread. Does not wait for it. */
  kill(): void {
    const actor = this.#actor;
    this.#actor = undefined;
    if (actor instanceof Worker) void actor.terminate();
    else actor?.kill('SIGKILL');
  }

  #start(): ChildProcess | Worker {
    if (this.kind === 'thread') return new Worker(ACTOR);
    if (this.kind === 'process') return fork(ACTOR);
    return spawn('unshare', [...CONTAINER, process.execPath, fileURLToPath(ACTOR)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }
}

/** An actor that nobody waits for does not keep this process alive, and ends with it. */
function keepAlive(actor: ChildProcess | Worker, on: boolean): void {
  const handles = actor instanceof Worker ? [actor] : [actor, actor.channel];
  for (const handle of handles) {
    if (on) handle?.ref();
    else handle?.unref();
  }
}

/** Whether a process can be started in a pid namespace of its own. */
export function hasContainers(): boolean {
  return spawnSync('unshare', [...CONTAINER, 'true']).status === 0;
}
