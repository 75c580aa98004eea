/** Opening and closing the database around one command. */
import { MiniLsm, type Options } from '../index.ts';

/**
 * Opens, uses and closes. The error of the use comes first: a failure to close after it would only hide it.
 */
export async function withDatabase<T>(
  directory: string,
  options: Options,
  use: (db: MiniLsm) => T | Promise<T>,
): Promise<T> {
  const db = MiniLsm.open(directory, options);
  let result: T;
  try {
    result = await use(db);
  } catch (error) {
    try {
      db.close();
    } catch {
      // The first error says more.
    }
    throw error;
  }
  db.close();
  return result;
}

/** For commands that must not create what is not there. */
export const EXISTING: Options = { createIfMissing: false };
