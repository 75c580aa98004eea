/**
 * One list of operations, drawn from the seed, is performed under several configurations, and each answer is
 * compared with that of a model: so the histories of all configurations are the same. Before something that was
 * found is thrown, the list is made as short as it gets.
 */

import { Random } from '../../support/random.ts';
import type { Explorer } from '../explorer.ts';
import { compare, Difference } from './compare.ts';
import { type Configuration, configurationsFor } from './configurations.ts';
import { type OperationList, operationList } from './generator.ts';
import { describeOperation } from './operations.ts';
import { reduce } from './reducer.ts';

const OPERATIONS = 10_000;

/** How often a list in which something was found is tried again to make it shorter. */
const TRIALS = 400;

export const explorer: Explorer = {
  name: 'metamorphic',
  unit: 'seeds',
  budget: { test: 20, long: 2000 },
  async explore(seed) {
    const list = operationList(seed, OPERATIONS);
    const configurations = configurationsFor(seed, new Random(~seed));
    let answers = 0;
    for (const configuration of configurations) {
      const part = { ...list, operations: list.operations.slice(0, OPERATIONS * configuration.share) };
      answers += await explore(part, configuration);
    }
    return { seeds: 1, operations: OPERATIONS, histories: configurations.length, 'equal answers': answers };
  },
};

/** Performs a list; what is found is shown with a short list in which it is found too. */
export async function explore(list: OperationList, configuration: Configuration): Promise<number> {
  try {
    return await compare(list, configuration);
  } catch (found) {
    if (!(found instanceof Difference)) throw found;
    throw await reduced(list, configuration, found);
  }
}

async function reduced(
  { pool, operations }: OperationList,
  configuration: Configuration,
  found: Difference,
): Promise<Error> {
  const again = async (
    shorter: OperationList['operations'],
    shown?: number,
  ): Promise<Difference | undefined> => {
    try {
      await compare({ pool, operations: shorter }, configuration, shown);
    } catch (error) {
      if (error instanceof Difference) return error;
      throw error;
    }
    return undefined;
  };
  const until = operations.slice(0, found.at + 1);
  const shortest = await reduce(until, async (shorter) => (await again(shorter)) !== undefined, TRIALS);
  const where = await again(shortest);
  const cause = (where && (await again(shortest, where.at))) ?? found;
  const lines = shortest.map((operation, at) => `${at}: ${describeOperation(operation)}`);
  const title = `under the configuration ${configuration.name}, operation ${found.at} differs`;
  return new Error(`${title}; reduced to ${lines.length} operations:\n${lines.join('\n')}`, { cause });
}
