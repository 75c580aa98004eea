/** The parent's side of child.ts: starts the process, asks for rows, and passes on its progress. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildAnswer, ChildRequest, ChildSetup, Footprint } from './child.ts';
import type { Measurement } from './clock.ts';

export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  #settle: { resolve: (answer: ChildAnswer) => void; reject: (error: Error) => void } | undefined;
  #onProgress: (done: number) => void = () => {};

  /** `profileDirectory` makes the process write a CPU profile there when it ends. */
  constructor(module: string, setup: ChildSetup, profileDirectory: string | undefined) {
    this.#name = setup.engine;
    const execArgv =
      profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`];
    this.#child = fork(fileURLToPath(new URL(module, import.meta.url)), [JSON.stringify(setup)], {
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answer: ChildAnswer) => this.#receive(answer));
    this.#child.on('error', (error) => this.#settle?.reject(error));
    this.#child.on('exit', (code, signal) => {
      this.#settle?.reject(new Error(`the process of ${this.#name} ended with ${signal ?? code}`));
    });
  }

  async measure(row: string, onProgress: (done: number) => void): Promise<Measurement> {
    this.#onProgress = onProgress;
    const answer = await this.#ask({ row });
    if (answer.kind === 'measured') return answer.measurement;
    throw new Error(`${this.#name} answered ${answer.kind} to a row`);
  }

  async finish(): Promise<Footprint> {
    const answer = await this.#ask('finish');
    if (answer.kind === 'finished') return answer.footprint;
    throw new Error(`${this.#name} answered ${answer.kind} to the end`);
  }

  /** Ends the process whatever it is doing. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(request: ChildRequest): Promise<ChildAnswer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#child.send(request);
    });
  }

  #receive(answer: ChildAnswer): void {
    if (answer.kind === 'progress') {
      this.#onProgress(answer.done);
      return;
    }
    const settle = this.#settle;
    this.#settle = undefined;
    if (answer.kind === 'failed') settle?.reject(new Error(`${this.#name}: ${answer.error}`));
    else settle?.resolve(answer);
  }
}
