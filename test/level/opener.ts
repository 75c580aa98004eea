/**
 * The process that test/level/locking.test.ts starts: it opens a location and tells how that went. Started as
 * a test file by mistake it does nothing.
 */
import { Level, type LevelError } from './support.ts';

const [, , location] = process.argv;
if (location !== undefined) {
  const db = new Level(location);
  let answer: unknown = 'open';
  try {
    await db.open();
    await db.close();
  } catch (error) {
    const { code, cause } = error as LevelError;
    answer = { code, cause: cause?.code };
  }
  process.send?.(answer, () => process.disconnect());
}
