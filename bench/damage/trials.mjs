/**
 * A process that tries damages one after the other, and may die of one: it says which it begins, and what came
 * of it.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENTRIES } from './entries.mjs';
import { STORES } from './stores.mjs';

const [store, template, scratch, file, every, first] = process.argv.slice(2);
const whole = readFileSync(join(template, file));

for (let at = Number(first); at < whole.length; at += Number(every)) {
  process.send?.({ begins: at });
  rmSync(scratch, { recursive: true, force: true });
  cpSync(template, scratch, { recursive: true });
  const bytes = Buffer.from(whole);
  bytes[at] ^= 1 << ((at * 5) % 8);
  writeFileSync(join(scratch, file), bytes);
  process.send?.({ at, outcome: await examine() });
}
// What a damaged store has left running ends with the process.
process.send?.({ done: true }, () => process.exit());

/** What reading every key comes to: the worst of it. */
async function examine() {
  let reader;
  try {
    reader = await STORES[store].open(scratch);
  } catch {
    return 'error';
  }
  const seen = new Set();
  for (const [key, expected] of ENTRIES) {
    try {
      const value = await reader.get(key);
      if (value === undefined) seen.add(reader.reportsLoss ? 'error' : 'lost');
      else if (value !== expected) seen.add('wrong');
    } catch {
      seen.add('error');
    }
  }
  await reader.close().catch(() => {});
  return ['wrong', 'lost', 'error'].find((outcome) => seen.has(outcome)) ?? 'identical';
}
