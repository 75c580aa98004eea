import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeClaim,
  encodeClaim,
  type LockClaim,
  MAX_CLAIM_BYTES,
  parseTemporaryLockName,
  temporaryLockName,
} from '../../src/fs/lock-claim.ts';
import {
  compareForRemoval,
  isLockFileName,
  lockFileName,
  MAX_LOCK_GENERATION,
  parseLockGeneration,
} from '../../src/fs/lock-file-name.ts';

const CLAIM: LockClaim = {
  generation: 7,
  owner: {
    host: 'db-1.example_x',
    boot: '19ce2d23d22b46c9b08f280f25cb3bd3',
    pidNamespace: 4026531836,
    timeNamespace: 4026531834,
    pid: 4691,
    task: 4702,
    started: 107599,
    thread: 3,
  },
  token: '5f0c6a1be28d9347',
};

const GOLDEN = `mini-lsm lock 1
generation: 7
host: db-1.example_x
boot: 19ce2d23d22b46c9b08f280f25cb3bd3
pid-namespace: 4026531836
time-namespace: 4026531834
pid: 4691
task: 4702
started: 107599
thread: 3
token: 5f0c6a1be28d9347
checksum: 7a4cb1c3
`;

test('a claim is written as documented', () => {
  assert.equal(new TextDecoder().decode(encodeClaim(CLAIM)), GOLDEN);
});

test('a claim reads back as it was written', () => {
  assert.deepEqual(decodeClaim(encodeClaim(CLAIM)), CLAIM);
  const bare = { ...CLAIM, owner: { ...CLAIM.owner, boot: '', host: '', started: 1763805600123456 } };
  assert.deepEqual(decodeClaim(encodeClaim(bare)), bare);
});

test('the longest claim is within the limit', () => {
  const most = 999_999_999_999_999;
  const numbers = { pidNamespace: most, timeNamespace: most, pid: most, task: most, thread: most };
  const owner = { ...CLAIM.owner, ...numbers, host: 'h'.repeat(64), started: Number.MAX_SAFE_INTEGER };
  const bytes = encodeClaim({ ...CLAIM, generation: MAX_LOCK_GENERATION, owner });
  assert.ok(bytes.length <= MAX_CLAIM_BYTES);
  const name = temporaryLockName(owner, CLAIM.token);
  assert.ok(name.length <= 255);
  assert.deepEqual(parseTemporaryLockName(name), owner);
  assert.ok(isLockFileName(name));
});

test('a claim cut short anywhere is no claim', () => {
  const bytes = encodeClaim(CLAIM);
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(decodeClaim(bytes.subarray(0, length)), undefined);
  }
});

test('a claim with any one bit changed is no claim', () => {
  const bytes = encodeClaim(CLAIM);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    assert.equal(decodeClaim(damaged), undefined, `bit ${bit}`);
  }
});

test('the name of a temporary file says who made it', () => {
  const name = temporaryLockName(CLAIM.owner, CLAIM.token);
  assert.deepEqual(parseTemporaryLockName(name), CLAIM.owner);
  assert.ok(isLockFileName(name));
});

test('a generation has one name', () => {
  for (const generation of [1, 999_999, 1_000_000, MAX_LOCK_GENERATION]) {
    assert.equal(parseLockGeneration(lockFileName(generation)), generation);
    assert.ok(isLockFileName(lockFileName(generation)));
  }
  assert.equal(lockFileName(1), 'LOCK-000001');
  assert.equal(parseLockGeneration('LOCK-0000001'), undefined);
});

test('other names are not lock files', () => {
  const others = [
    'LOCK',
    'LOCK-',
    'LOCK-1',
    'LOCK-000000',
    'lock-000001',
    'LOCK-000001.tmp/x',
    'xLOCK-000001',
  ];
  for (const name of [...others, 'LOCK-000001\n', 'LOCK-.tmp', '000001.sst', 'LOCK-1000000000000000', '']) {
    assert.equal(isLockFileName(name), false, JSON.stringify(name));
  }
});

test('lock files are removed temporary ones first and the newest generation last', () => {
  const temporary = temporaryLockName(CLAIM.owner, CLAIM.token);
  const names = [lockFileName(12), lockFileName(1_000_000), temporary, lockFileName(3)];
  names.sort(compareForRemoval);
  assert.deepEqual(names, [temporary, lockFileName(3), lockFileName(12), lockFileName(1_000_000)]);
});
