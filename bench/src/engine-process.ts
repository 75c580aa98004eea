/** The runner's side of child.ts: starts the process, asks for workloads, and passes on its progress. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Contestant, ContestantSetup } from './contestant.ts';
import type { ChildAnswer, ChildRequest, ChildSetup, Measurement, ProcessFootprint } from './protocol.ts';

export class EngineProcess implements Contestant {
  readonly #child: ChildProcess;
  #settle: { resolve: (answer: ChildAnswer) => void; reject: (error: Error) => void } | undefined;
  #onProgress: (done: number) => void = () => {};
  #ended: Error | undefined;

  private constructor(setup: ChildSetup, profileDirectory: string | undefined) {
    const execArgv =
      profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`];
    const child = fork(fileURLToPath(new URL('child.js', import.meta.url)), [JSON.stringify(setup)], {
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (answer: ChildAnswer) => this.#receive(answer));
    child.on('error', (error) => this.#end(error));
    child.on('exit', (code, signal) => this.#end(new Error(`its process ended with ${signal ?? code}`)));
    this.#child = child;
  }

  /** Done when it is warmed up. */
  static async start(engine: string, setup: ContestantSetup): Promise<EngineProcess> {
    const { profileDirectory, ...rest } = setup;
    const process = new EngineProcess({ ...rest, engine }, profileDirectory);
    const answer = await process.#answer();
    if (answer.kind !== 'ready') throw new Error(`it began with ${answer.kind}`);
    return process;
  }

  async measure(workload: string, onProgress: (done: number) => void): Promise<Measurement> {
    this.#onProgress = onProgress;
    const answer = await this.#ask({ workload });
    if (answer.kind === 'measured') return answer.measurement;
    throw new Error(`it answered ${answer.kind} to a workload`);
  }

  async finish(): Promise<ProcessFootprint> {
    const answer = await this.#ask('finish');
    if (answer.kind === 'finished') return answer.footprint;
    throw new Error(`it answered ${answer.kind} to the end`);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(request: ChildRequest): Promise<ChildAnswer> {
    const answer = this.#answer();
    if (this.#ended === undefined) this.#child.send(request);
    return answer;
  }

  #answer(): Promise<ChildAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  #receive(answer: ChildAnswer): void {
    if (answer.kind === 'progress') {
      this.#onProgress(answer.done);
      return;
    }
    if (answer.kind === 'failed') {
      this.#end(new Error(answer.error));
      return;
    }
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve(answer);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.reject(this.#ended);
  }
}
