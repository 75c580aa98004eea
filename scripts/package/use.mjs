/** Uses the installed package by `import`. */
import assert from 'node:assert/strict';
import { ClassicLevel, MiniLevel, MiniLsm } from 'mini-lsm';

const db = MiniLsm.open('data');
db.put('k', 'v');
assert.equal(Buffer.from(db.get('k')).toString(), 'v');
db.flush();
db.close();

assert.equal(ClassicLevel, MiniLevel);
const level = new ClassicLevel('data', { valueEncoding: 'json' });
await level.put('a', { b: [1] }, { sync: true });
assert.deepEqual(await level.get('a'), { b: [1] });
assert.deepEqual(await level.keys().all(), ['a', 'k']);
await level.close();
MiniLsm.destroy('data');
