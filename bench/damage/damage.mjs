/**
 * `npm run damage:peers`: flips one bit in every byte of every file of a small database, of this one and of its
 * peers, and counts what their readers are told. Prints a table in Markdown.
 *
 *   --every 7     only every seventh byte (the default); 1 for all
 *   --json        one line of JSON for each row
 */
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ENTRIES } from './entries.mjs';
import { STORES } from './stores.mjs';

/** Longer than any trial takes, milliseconds. */
const PATIENCE = 20_000;

const OUTCOMES = /** @type {const} */ (['identical', 'error', 'wrong', 'lost', 'abort', 'hang']);
const TITLES = ['identical', 'error', 'silently wrong', 'silently lost', 'process aborts', 'hangs'];

/** @typedef {Record<typeof OUTCOMES[number], number>} Tally */

const { values: settings } = parseArgs({
  options: { every: { type: 'string', default: '7' }, json: { type: 'boolean', default: false } },
});
const root = mkdtempSync(join(tmpdir(), 'damage-peers-'));
try {
  if (!settings.json) {
    console.log(`| store | file | bits flipped | ${TITLES.join(' | ')} |`);
    console.log(`| --- | --- |${' ---: |'.repeat(OUTCOMES.length + 1)}`);
  }
  for (const name of Object.keys(STORES)) await sweep(name);
} finally {
  rmSync(root, { recursive: true, force: true });
}

/**
 * Every file of every scene of a store; files of one kind are one row.
 *
 * @param {string} store
 */
async function sweep(store) {
  /** @type {Map<string, Tally>} */
  const rows = new Map();
  for (const [scene, write] of Object.entries(STORES[store].scenes)) {
    const [from, template] = [`${store} ${scene} at work`, `${store} ${scene}`].map((name) =>
      join(root, name),
    );
    await write(from, template, ENTRIES);
    for (const file of readdirSync(template).sort()) {
      const kind = kindOf(file);
      if (kind === undefined || statSync(join(template, file)).size === 0) continue;
      const tally = rows.get(kind) ?? { identical: 0, error: 0, wrong: 0, lost: 0, abort: 0, hang: 0 };
      rows.set(kind, tally);
      await tryAll(store, template, file, tally);
    }
  }
  for (const [kind, tally] of rows) {
    const counts = OUTCOMES.map((outcome) => tally[outcome]);
    const flips = counts.reduce((sum, count) => sum + count, 0);
    if (settings.json) console.log(JSON.stringify({ store, file: kind, flips, ...tally }));
    else console.log(`| ${[store, kind, flips, ...counts].join(' | ')} |`);
  }
}

/**
 * What a file is; undefined for one that is not read.
 *
 * @param {string} name
 */
function kindOf(name) {
  if (/^(LOCK.*|LOG|LOG\.old|lock\.mdb)$/.test(name)) return undefined;
  if (/\.(sst|ldb)$/.test(name)) return 'table';
  if (/\.(wal|log)$/.test(name)) return 'write-ahead log';
  if (name.startsWith('MANIFEST-')) return 'manifest';
  return name;
}

/**
 * @param {string} store
 * @param {string} template
 * @param {string} file
 * @param {Tally} tally
 */
async function tryAll(store, template, file, tally) {
  const { size } = statSync(join(template, file));
  const every = Number(settings.every);
  for (let first = 0; first < size; ) {
    const { ended, outcome } = await tryFrom(store, template, file, first, tally);
    if (outcome === undefined) return;
    tally[outcome] += 1;
    first = ended + every;
  }
}

/**
 * Runs trials in a process until all are done, or it dies of one: then says of which, and how.
 *
 * @param {string} store
 * @param {string} template
 * @param {string} file
 * @param {number} first
 * @param {Tally} tally
 * @returns {Promise<{ ended: number, outcome?: 'abort' | 'hang' }>}
 */
function tryFrom(store, template, file, first, tally) {
  return new Promise((resolve) => {
    const worker = fileURLToPath(new URL('trials.mjs', import.meta.url));
    const scratch = join(root, 'scratch');
    const child = fork(worker, [store, template, scratch, file, settings.every, String(first)], {
      stdio: 'ignore',
    });
    let begun = first;
    let open = false;
    let hangs = false;
    const stop = () => {
      hangs = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(stop, PATIENCE);
    child.on('message', (/** @type {{ begins?: number, outcome?: keyof Tally }} */ message) => {
      clearTimeout(timer);
      timer = setTimeout(stop, PATIENCE);
      if (message.begins !== undefined) begun = message.begins;
      open = message.begins !== undefined;
      if (message.outcome !== undefined) tally[message.outcome] += 1;
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (hangs) resolve({ ended: begun, outcome: 'hang' });
      else if (open || code !== 0) resolve({ ended: begun, outcome: 'abort' });
      else resolve({ ended: begun });
    });
  });
}
