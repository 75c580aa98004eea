/**
 * What a subcommand sees of the process around it: its three streams, colours, and the wish to be stopped.
 */
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { Output } from './output.ts';

/** The styles in use; a terminal that wants none (or NO_COLOR) gets plain text. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export class Shell {
  readonly stdin: typeof process.stdin;
  readonly stderr: WriteStream;
  readonly out: Output;
  readonly #stdout: WriteStream;

  constructor(streams: { stdin: typeof process.stdin; stdout: WriteStream; stderr: WriteStream }) {
    this.stdin = streams.stdin;
    this.stderr = streams.stderr;
    this.#stdout = streams.stdout;
    this.out = new Output(streams.stdout);
    streams.stderr.on('error', () => {});
  }

  /** A line for the person at the terminal, never part of the result. */
  notice(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  /** Styles text that goes to standard output. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stdout });
  }

  /** Styles text that goes to standard error. */
  noticeStyle(style: Style, text: string): string {
    return styleText(style, text, { stream: this.stderr });
  }
}
