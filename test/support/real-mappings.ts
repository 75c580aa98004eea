/** Whether files of the real disk can be mapped here: the package koffi need not be installed. */
import { loadMapCalls } from '../../src/fs/memory-map.ts';

/** Undefined if they can be, or why not. */
export const MAPPINGS_ARE_MISSING: string | undefined = reason();

function reason(): string | undefined {
  try {
    loadMapCalls();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
