/** Performs a list of operations on a model and on a database side by side. */
import { Answer } from './answer.ts';
import type { Configuration } from './configurations.ts';
import type { OperationList } from './generator.ts';
import { Model } from './model.ts';
import { describeOperation, type Operation } from './operations.ts';

/** The first operation of which something else came than of the model's. */
export class Difference extends Error {
  /** Index of the operation. */
  readonly at: number;

  constructor(at: number, what: string, cause?: unknown) {
    super(what, cause === undefined ? undefined : { cause });
    this.name = 'Difference';
    this.at = at;
  }
}

/** Whatever the list, everything is read at its end. */
const LAST: Operation = { kind: 'examine' };

/**
 * Performs all operations, examines everything and closes the database; returns how many answers were equal.
 * With `shown`, the answers to that operation are kept as text.
 * @throws Difference
 */
export async function compare(
  { pool, operations }: OperationList,
  configuration: Configuration,
  shown = -1,
): Promise<number> {
  const model = new Model(pool);
  const subject = configuration.start(pool);
  const hashes = [new Answer(), new Answer()];
  let compared = 0;
  let at = 0;
  try {
    await subject.open();
    for (; at <= operations.length; at++) {
      const operation = operations[at] ?? LAST;
      const [expected, actual] = at === shown ? [new Answer('as text'), new Answer('as text')] : hashes;
      expected.reset();
      actual.reset();
      model.perform(operation, expected);
      const done = subject.perform(operation, actual, model);
      if (!(typeof done === 'boolean' ? done : await done)) continue;
      if (actual.hash !== expected.hash) throw different(at, operation, expected, actual);
      compared += 1;
    }
    await subject.finish();
  } catch (error) {
    await Promise.resolve(subject.finish()).catch(() => {}); // what was found first is told
    if (error instanceof Difference) throw error;
    throw new Difference(at, `this failed:\n${describeOperation(operations[at] ?? LAST)}`, error);
  }
  return compared;
}

function different(at: number, operation: Operation, expected: Answer, actual: Answer): Difference {
  const what = `another answer than that of the model:\n${describeOperation(operation)}`;
  return new Difference(at, `${what}\nexpected\n${expected.text}\nbut got\n${actual.text}`);
}
