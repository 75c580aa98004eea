/**
 * Each case is a mutant, by its number in the list: it must be killed. Here a survivor is what is found; and a
 * killer that fails without any mutant, or is not there, since it would kill whatever it is given.
 */
import assert from 'node:assert/strict';
import type { Counts, Explorer } from '../explorer.ts';
import { loadExplorer } from '../load-explorer.ts';
import { MUTANTS } from './list/index.ts';
import { describeKiller, type Killer } from './mutant.ts';
import { MutatedProject } from './mutated-project.ts';

export const explorer: Explorer = {
  name: 'mutants',
  unit: 'mutants',
  budget: { test: MUTANTS.length, long: MUTANTS.length },
  async explore(seed: number): Promise<Counts> {
    const mutant = MUTANTS.at(seed);
    assert.ok(mutant !== undefined, `there are ${MUTANTS.length} mutants`);
    const { breaks, file, killedBy } = mutant;
    const missing = 'explorer' in killedBy && (await loadExplorer(killedBy.explorer)).missing?.();
    if (missing) return { mutants: 1, 'not tried here, for want of what the killer needs': 1 };
    const project = new MutatedProject();
    try {
      await assertSpares(project, killedBy);
      const { killed, output } = await project.run(mutant);
      assert.ok(killed, `alive after ${describeKiller(killedBy)}: ${file}: ${breaks}\n${output}`);
      return { mutants: 1 };
    } finally {
      project.remove();
    }
  },
};

/** Killers that were seen to spare the engine as it is. */
const trusted = new Set<string>();

async function assertSpares(project: MutatedProject, killer: Killer): Promise<void> {
  const name = describeKiller(killer);
  if (trusted.has(name)) return;
  const { killed, output } = await project.runOnWhole(killer);
  assert.ok(!killed, `${name} fails without a mutant, too\n${output}`);
  trusted.add(name);
}
