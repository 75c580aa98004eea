/** The steps of the demo as it tells them: a tick, what was done, what it showed, and how long it took. */
import { humanDuration } from '../human.ts';
import type { Shell } from '../shell.ts';

export interface StepResult {
  readonly title: string;
  readonly detail: string;
  readonly milliseconds: number;
}

export class Steps {
  readonly #shell: Shell;
  /** Keeps standard output for the JSON at the end: the telling goes to standard error. */
  readonly #quietOutput: boolean;
  readonly results: StepResult[] = [];

  constructor(shell: Shell, quietOutput: boolean) {
    this.#shell = shell;
    this.#quietOutput = quietOutput;
  }

  /** A line beside the steps. */
  async say(text: string): Promise<void> {
    if (this.#quietOutput) {
      this.#shell.notice(text);
    } else {
      this.#shell.out.line(text);
      await this.#shell.out.flush();
    }
  }

  /** Runs a step, whose work returns what it showed. A step that throws is told with a cross. */
  async run(title: string, work: () => string | Promise<string>): Promise<void> {
    const started = performance.now();
    try {
      const detail = await work();
      const milliseconds = performance.now() - started;
      this.results.push({ title, detail, milliseconds });
      const time = this.#dim(`(${humanDuration(milliseconds)})`);
      await this.say(`${this.#style('green', '✓')} ${this.#style('bold', title)} ${time}\n  ${detail}`);
    } catch (error) {
      await this.say(`${this.#style('red', '✗')} ${this.#style('bold', title)}`);
      throw error;
    }
  }

  #dim(text: string): string {
    return this.#style('dim', text);
  }

  #style(style: 'green' | 'red' | 'bold' | 'dim', text: string): string {
    return this.#quietOutput ? this.#shell.noticeStyle(style, text) : this.#shell.style(style, text);
  }
}
