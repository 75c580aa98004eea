/**
 * A copy of the compiled project in which one file can be changed: links, so that it costs next to nothing,
 * but for that file. Tests and explorers run in it as they do in the project.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Killer, type Mutant, mutate } from './mutant.ts';

/** Longer than any killer takes, milliseconds: a mutant that hangs is dead too. */
const PATIENCE = 120_000;

/** What running something came to. */
export interface Verdict {
  readonly killed: boolean;
  /** What the process printed. */
  readonly output: string;
}

export class MutatedProject {
  readonly #root: string;
  readonly #directory: string;

  constructor() {
    this.#root = fileURLToPath(new URL('../../../../', import.meta.url));
    mkdirSync(join(this.#root, '.tmp'), { recursive: true });
    this.#directory = mkdtempSync(join(this.#root, '.tmp', 'mutant-'));
    for (const name of ['package.json', 'node_modules', 'docs', 'README.md', 'src', 'test']) {
      symlinkSync(join(this.#root, name), join(this.#directory, name));
    }
    linkTree(join(this.#root, 'dist'), join(this.#directory, 'dist'));
  }

  /** Runs a killer on the project as it is: one that fails here kills nothing. */
  runOnWhole(killer: Killer): Promise<Verdict> {
    return this.#run(killer);
  }

  /** Runs a killer on the project with a mutant in it. */
  async run(mutant: Mutant, killer: Killer = mutant.killedBy): Promise<Verdict> {
    const path = join('dist', 'src', `${mutant.file}.js`);
    const original = join(this.#root, path);
    const changed = join(this.#directory, path);
    const text = mutate(readFileSync(original, 'utf8'), mutant);
    rmSync(changed);
    writeFileSync(changed, text);
    try {
      return await this.#run(killer);
    } finally {
      rmSync(changed);
      linkSync(original, changed);
    }
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #run(killer: Killer): Promise<Verdict> {
    const script =
      'test' in killer
        ? [`dist/test/${killer.test}.test.js`]
        : ['dist/test/reliability/repro.js', killer.explorer, String(killer.seed)];
    // SEED would repeat a case of ours in the tests of others.
    const { SEED: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
    const child = spawn(process.execPath, script, {
      cwd: this.#directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
    const alarm = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const [code] = await once(child, 'close');
    clearTimeout(alarm);
    const output = Buffer.concat(pieces).toString();
    const isBroken = code === 2 || /SyntaxError|MODULE_NOT_FOUND/.test(output);
    if (isBroken) throw new Error(`nothing was tested: ${script.join(' ')}: ${output}`);
    return { killed: code !== 0, output };
  }
}

function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const name = entry.name;
    if (entry.isDirectory()) linkTree(join(from, name), join(to, name));
    else linkSync(join(from, name), join(to, name));
  }
}
