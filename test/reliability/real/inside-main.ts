/** The process in a mount namespace: see mount-namespace.ts. Started as a test file by mistake it does nothing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Inside } from './mount-namespace.ts';

const [, , module, directory] = process.argv;
if (module !== undefined && directory !== undefined && process.send !== undefined) {
  const { inside }: { inside: Inside } = await import(module);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512m', 'none', directory]);
  let work: Promise<void> = Promise.resolve();
  let cases = 0;
  process.on('message', (seed: number) => {
    work = explore(seed);
  });
  // Whoever is interrupted at the keyboard ends the other process, and that one this.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  process.on('disconnect', () => {
    void work.finally(() => {
      // With a lazy unmount nothing that is still open stands in the way.
      execFileSync('umount', ['-l', directory]);
      rmdirSync(directory);
      process.exit();
    });
  });

  async function explore(seed: number): Promise<void> {
    cases += 1;
    const own = join(directory, String(cases));
    mkdirSync(own);
    let answer: Answer;
    try {
      answer = { counts: await inside(own, seed) };
    } catch (found) {
      answer = { found };
    }
    process.send?.(answer);
  }
}
