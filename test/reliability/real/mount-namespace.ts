/**
 * Runs cases that mount file systems. They run in a process of their own in a mount namespace of its own, so
 * that nobody else sees what it mounts, and all of it is gone with the process, however that ends. Root may do
 * so, and where the system allows it any user may, as root of a user namespace.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Counts } from '../explorer.ts';

/**
 * What the module that runs there exports as `inside`: explores a case in an empty directory on a file system in
 * memory that nobody else sees.
 */
export type Inside = (directory: string, seed: number) => Promise<Counts>;

export type Answer = { readonly counts: Counts } | { readonly found: unknown };

const MAIN = fileURLToPath(new URL('./inside-main.js', import.meta.url));

const UNSHARE = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];

/** `mkfs` and the like are not on the path of every user. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };

/**
 * Why a shell script does not succeed in a mount namespace, or undefined if it does.
 * @param script finds an empty directory in `$1`
 */
export function whyNotInside(script: string): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  const directory = emptyDirectory();
  try {
    const run = spawnSync('unshare', [...UNSHARE, 'sh', '-ec', script, 'sh', directory], {
      env: ENVIRONMENT,
      encoding: 'utf8',
      timeout: 10_000,
    });
    if (run.status === 0) return undefined;
    const said = run.stderr?.trim().split('\n').at(-1) ?? '';
    return said === '' ? (run.error?.message ?? 'the probe failed') : said;
  } finally {
    rmdirSync(directory);
  }
}

/** The process in which cases are explored, started when the first one comes. */
export class MountNamespace {
  readonly #inside: URL;
  #child: ChildProcess | undefined;

  /** @param inside the compiled module that exports `inside` */
  constructor(inside: URL) {
    this.#inside = inside;
  }

  async explore(seed: number): Promise<Counts> {
    this.#child ??= this.#start();
    const child = this.#child;
    child.ref();
    child.channel?.ref();
    const ended = new AbortController();
    const onExit = (code: number | null, signal: string | null): void => {
      this.#child = undefined;
      ended.abort(new Error(`the process in the namespace ended with ${code ?? signal}`));
    };
    child.once('exit', onExit);
    try {
      const answered = once(child, 'message', { signal: ended.signal });
      child.send(seed);
      const [answer] = (await answered) as [Answer];
      if ('found' in answer) throw answer.found;
      return answer.counts;
    } finally {
      // It does not keep this process alive, and ends when this process does.
      child.off('exit', onExit);
      child.unref();
      child.channel?.unref();
    }
  }

  #start(): ChildProcess {
    const directory = emptyDirectory();
    return spawn(
      'unshare',
      [...UNSHARE, process.execPath, ...process.execArgv, MAIN, this.#inside.href, directory],
      { env: ENVIRONMENT, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' },
    );
  }
}

/** Where the namespace mounts its file systems; outside of it the directory stays empty. */
function emptyDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'mini-lsm-namespace-')));
}
