import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonLines, runCli, startCli, temporaryDirectory } from './run-cli.ts';

test('the demo passes every step on a part of the data set and names whom it is owed to', async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--records', '4000', '--seed', '7']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /GeoNames.*CC BY 4\.0.*cities\.json/);
  assert.equal(stdout.match(/^✓/gm)?.length, 10);
  const directory = /database in (.+)$/m.exec(stdout)?.[1];
  assert.ok(directory !== undefined);
  assert.equal(existsSync(directory), false);
});

test('the demo keeps a directory that it was given, and tells its results as JSON', async (context) => {
  const directory = join(temporaryDirectory(context), 'db');
  const { code, stdout, stderr } = await runCli(['demo', directory, '--records', '1500', '--json']);
  assert.equal(code, 0, stderr);
  const [result] = jsonLines(stdout) as [Record<string, number> & { steps: unknown[] }];
  assert.ok(result.recovered >= result.acknowledged);
  assert.equal(result.steps.length, 10);
  const keys = await runCli(['scan', directory, '--keys-only']);
  assert.equal(keys.stdout.split('\n').length - 1, result.finalRecords);
});

test('Ctrl-C in the demo removes its temporary directory and exits with 130', async () => {
  const { process: demo, finished } = startCli(['demo', '--records', '20000']);
  const told = /database in (.+)\n/;
  let output = '';
  let asked = false;
  demo.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    // Once only: a second signal kills.
    if (!asked && told.test(output)) asked = demo.kill('SIGINT');
  });
  const { code, stderr } = await finished;
  assert.deepEqual([code, stderr], [130, 'mini-lsm: interrupted\n']);
  assert.equal(existsSync(told.exec(output)?.[1] ?? '.'), false);
});

test('the demo does not touch a directory that holds something', async (context) => {
  const directory = temporaryDirectory(context);
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  const { code, stderr } = await runCli(['demo', directory, '--records', '1500']);
  assert.equal(code, 2);
  assert.match(stderr, /is not empty/);
  assert.deepEqual(readdirSync(directory), ['notes.txt']);
});
