/** Uses the installed package by `require`. */
const assert = require('node:assert/strict');
const { ClassicLevel, MiniLevel, MiniLsm } = require('mini-lsm');

const db = MiniLsm.open('data');
db.put('k', 'v');
assert.equal(Buffer.from(db.get('k')).toString(), 'v');
db.flush();
db.close();

async function useLevel() {
  assert.equal(ClassicLevel, MiniLevel);
  const level = new ClassicLevel('data', { valueEncoding: 'json' });
  await level.put('a', { b: [1] }, { sync: true });
  assert.deepEqual(await level.get('a'), { b: [1] });
  assert.deepEqual(await level.keys().all(), ['a', 'k']);
  await level.close();
  MiniLsm.destroy('data');
}

useLevel().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
