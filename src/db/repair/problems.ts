/** What a repair finds wrong, in the order in which it does. */
import type { LsmError } from '../../errors.ts';
import type { Problem } from '../verify-report.ts';

export class Problems {
  readonly #found: Problem[] = [];
  readonly #messages = new Set<string>();

  get all(): readonly Problem[] {
    return this.#found;
  }

  get count(): number {
    return this.#found.length;
  }

  /** Notes an error; the same one twice (found by checking, then by saving what is left) counts once. */
  add({ code, message, file, offset }: LsmError): void {
    if (this.#messages.has(message)) return;
    this.#messages.add(message);
    this.#found.push({ code, message, file, offset });
  }
}
