/**
 * For those who add a mutant: says which of the given killers kill it.
 *
 *   node dist/test/reliability/mutants/find-killers.js <number or part of a file name> <killer>...
 *
 * A killer is a test file without its extension (`log/log-writer`), or an explorer with a range of cases
 * (`crash-points:0-20`).
 */
import { MUTANTS } from './list/index.ts';
import { describeKiller, type Killer } from './mutant.ts';
import { MutatedProject } from './mutated-project.ts';

const [which = '', ...killers] = process.argv.slice(2);
const project = new MutatedProject();
try {
  for (const [number, mutant] of MUTANTS.entries()) {
    if (which !== String(number) && !(Number.isNaN(Number(which)) && mutant.file.includes(which))) continue;
    console.log(`${number} ${mutant.file}: ${mutant.breaks}`);
    for (const killer of killers.length > 0 ? killers.flatMap(parse) : [mutant.killedBy]) {
      const { killed } = await project.run(mutant, killer);
      console.log(`  ${killed ? 'killed by' : 'survives'} ${describeKiller(killer)}`);
    }
  }
} finally {
  project.remove();
}

function parse(text: string): Killer[] {
  const [name, range] = text.split(':');
  if (range === undefined) return [{ test: name }];
  const [first, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => ({ explorer: name, seed: first + i }));
}
