/** Checks of the targets, cheap enough to be made a hundred thousand times a second. */
import { AssertionError } from 'node:assert';

export function check(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new AssertionError({ message: rule });
}

export function checkSameBytes(found: Uint8Array, expected: Uint8Array, what: string): void {
  check(found.length === expected.length, `${what}: ${found.length} bytes, not ${expected.length}`);
  for (let i = 0; i < found.length; i++) {
    if (found[i] !== expected[i]) check(false, `${what}: byte ${i} differs`);
  }
}
