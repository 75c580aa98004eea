/** Uses `level` in a project whose package.json puts this package in the place of classic-level. */
const assert = require('node:assert/strict');
const { existsSync, readdirSync } = require('node:fs');
const { ClassicLevel } = require('classic-level');
const { Level } = require('level');

async function useLevel() {
  const db = new Level('data', { valueEncoding: 'json' });
  assert.ok(db instanceof ClassicLevel);
  assert.equal(require('classic-level/package.json').name, 'mini-lsm');
  assert.ok(db.supports.getSync && db.supports.additionalMethods.verify);

  await db.put('user/1', { name: 'Ada' });
  await db.batch([
    { type: 'put', key: 'user/2', value: { name: 'Grace' } },
    { type: 'put', key: 'user/3', value: { name: 'Edsger' } },
    { type: 'del', key: 'user/3' },
  ]);
  assert.deepEqual(await db.get('user/1'), { name: 'Ada' });
  const names = [];
  for await (const [, { name }] of db.iterator({ gte: 'user/', reverse: true })) names.push(name);
  assert.deepEqual(names, ['Grace', 'Ada']);
  const sublevel = db.sublevel('settings', { valueEncoding: 'json' });
  await sublevel.put('theme', 'dark');
  assert.equal(await sublevel.get('theme'), 'dark');
  await db.compactRange('', '~');
  await db.close();

  const files = readdirSync('data');
  assert.ok(files.some((name) => name.endsWith('.sst')) && files.some((name) => name.endsWith('.wal')));
  assert.ok(!files.some((name) => /\.(ldb|log)$/.test(name)), `${files} are LevelDB's`);

  const native = process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node'));
  assert.deepEqual(native, []);
  const installed = readdirSync('node_modules', { recursive: true });
  assert.deepEqual(
    installed.filter((path) => path.endsWith('.node') || path.endsWith('binding.gyp')),
    [],
  );
  assert.ok(!existsSync('node_modules/classic-level/prebuilds'));
}

useLevel().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
