/** A database under test. */
import type { Answer } from './answer.ts';
import type { Model } from './model.ts';
import type { Operation } from './operations.ts';

export interface Subject {
  /** Opens it for the first time. */
  open(): void | Promise<void>;
  /**
   * Does an operation that the model has done already, and tells what came of it. False if it does not have
   * this operation: then there is nothing to compare.
   * @throws whatever the database throws, or what is wrong besides the answer
   */
  perform(operation: Operation, answer: Answer, model: Model): boolean | Promise<boolean>;
  /** Closes everything, and checks that nothing is left behind. Also after something was found. */
  finish(): void | Promise<void>;
}
