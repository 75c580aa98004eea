/** Each case is a mutant, by its number in the list: it must be killed. Here a survivor is what is found. */
import type { Counts, Explorer } from '../explorer.ts';
import { MUTANTS } from './list/index.ts';
import { describeKiller } from './mutant.ts';
import { MutatedProject } from './mutated-project.ts';

export const explorer: Explorer = {
  name: 'mutants',
  unit: 'mutants',
  budget: { test: MUTANTS.length, long: MUTANTS.length },
  async explore(seed: number): Promise<Counts> {
    const mutant = MUTANTS[seed];
    const project = new MutatedProject();
    try {
      const { killed, output } = await project.run(mutant);
      if (!killed) {
        const { breaks, file, killedBy } = mutant;
        throw new Error(`alive after ${describeKiller(killedBy)}: ${file}: ${breaks}\n${output}`);
      }
      return { mutants: 1 };
    } finally {
      project.remove();
    }
  },
};
