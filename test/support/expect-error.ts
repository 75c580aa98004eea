/** Asserts that `work` throws an `LsmError` of that code, and returns it. */
import assert from 'node:assert/strict';
import { LsmError, type LsmErrorCode } from '../../src/errors.ts';

export function expectError(code: LsmErrorCode, work: () => unknown): LsmError {
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    if (!(error instanceof LsmError)) throw error;
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`${code} was expected, and ${String(result)} came back`);
}
