/** Compiled, not run: the declarations of `level` over those of this package in the place of classic-level. */
import { type DatabaseOptions, Level } from 'level';

export async function useLevel(): Promise<number | undefined> {
  const options: DatabaseOptions<string, number> = { valueEncoding: 'json', compression: false };
  const db = new Level<string, number>('data', options);
  await db.put('a', 1, { sync: true });
  // @ts-expect-error A value is a number here.
  await db.put('a', 'one');
  await db.batch([{ type: 'put', key: 'b', value: 2 }], { sync: true });
  for await (const [key, value] of db.iterator({ gte: 'a', fillCache: false })) {
    console.log(key.charCodeAt(0), value.toFixed(2));
  }
  await db.sublevel('c').clear();
  return db.get('b');
}
