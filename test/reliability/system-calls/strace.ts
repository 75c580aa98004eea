/** Has system calls of one thread fail, or kill it, by strace. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** The calls by which a database changes and reads files. Positional ones, so that pipes are left alone. */
export const CALLS = [
  'pwrite64',
  'fdatasync',
  'fsync',
  'rename',
  'link',
  'unlink',
  'mkdir',
  'openat',
  'pread64',
  'close',
  'write',
] as const;

export type Call = (typeof CALLS)[number];

export interface Injection {
  readonly call: Call;
  /** The first call of the kind is 1. */
  readonly number: number;
  /** Whether all later ones fail too. */
  readonly forEver: boolean;
  /** What the call reports without having been made; without it the thread is killed before the call. */
  readonly errno?: string;
}

export class Strace {
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #attached: Promise<void>;

  /** @param pid whose main thread alone is meant */
  constructor(pid: number, injection: Injection | undefined) {
    const what = injection === undefined ? [] : ['-e', `inject=${describe(injection)}`];
    this.#process = spawn('strace', ['-y', '-e', `trace=${CALLS.join(',')}`, ...what, '-p', String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    this.#attached = new Promise((resolve, reject) => {
      this.#process.stderr?.on('data', (data: Buffer) => {
        text += data.toString('latin1');
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        this.#lines.push(...lines);
        if (lines.some((line) => line.endsWith('attached'))) resolve();
      });
      this.#process.once('exit', () => reject(new Error(`strace ended: ${this.#lines.join('\n')}`)));
    });
  }

  get attached(): Promise<void> {
    return this.#attached;
  }

  /** Lets go of the thread, and returns a line for each call that it made. */
  async detach(): Promise<readonly string[]> {
    const closed = once(this.#process, 'close');
    this.#process.kill('SIGINT');
    await closed;
    return this.#lines;
  }
}

function describe({ call, number, forEver, errno }: Injection): string {
  const effect = errno === undefined ? 'signal=SIGKILL' : `error=${errno}`;
  return `${call}:${effect}:when=${number}${forEver ? '+' : ''}`;
}

/** Attaches to a process that is no child of its own, as the tests do. */
const PROBE = `
  sleep 5 & traced=$!
  strace -e trace=none -p $traced & tracer=$!
  sleep 0.2
  kill $traced
  wait $tracer`;

/** Why a running process cannot be traced here, or undefined if it can. */
export function whyNotTraced(): string | undefined {
  const run = spawnSync('sh', ['-c', PROBE], { encoding: 'utf8', timeout: 10_000 });
  if (run.stderr.includes('attached')) return undefined;
  return run.stderr.trim().split('\n').at(-1) ?? 'strace did not start';
}
