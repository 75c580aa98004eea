/**
 * Counts what this process passes in the modules that are measured: `node --import`. In a test run only the tests
 * of those folders count; the others would take longer and add nothing.
 */
import { writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { Counters } from '../instrument/counters.ts';
import type { HookSettings } from '../instrument/hooks.ts';
import { COVERAGE_VARIABLE, MEASURED, type ProcessCounts } from './measured.ts';

/** The tests that count, as folders of the compiled tree. */
const TESTS = /[/\\]dist[/\\]test[/\\](?:db|log|sstable|version|wal)[/\\].*\.test\.js$/;

const folder = process.env[COVERAGE_VARIABLE];
const [, script = ''] = process.argv;
// In worker threads too: some versions of Node.js load their modules by the hooks of the main thread.
const counters = new Counters().install();
if (folder !== undefined && isMainThread && TESTS.test(script)) {
  const settings: HookSettings = { counted: MEASURED, place: 'instead' };
  register('../instrument/hooks.js', import.meta.url, { data: settings });
  process.on('exit', () => {
    const counts: ProcessCounts = Object.fromEntries(
      counters.modules.map(({ path, start, length }) => [
        path,
        [...counters.hits.subarray(start, start + length)],
      ]),
    );
    writeFileSync(`${folder}/${process.pid}.json`, JSON.stringify(counts));
  });
}
