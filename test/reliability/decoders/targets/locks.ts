/** Lock files and their names. */
import { crc32 } from '../../../../src/bytes/crc32.ts';
import {
  decodeClaim,
  encodeClaim,
  type LockClaim,
  MAX_CLAIM_BYTES,
  parseTemporaryLockName,
  temporaryLockName,
} from '../../../../src/fs/lock-claim.ts';
import { isLockFileName } from '../../../../src/fs/lock-file-name.ts';
import type { Target } from '../target.ts';
import { latin1 } from './blocks.ts';
import { check, checkSameBytes } from './checks.ts';

const CLAIM: LockClaim = {
  generation: 7,
  owner: {
    host: 'db1.example',
    boot: '19ce2d23d22b46c9b08f280f25cb3bd3',
    pidNamespace: 4026531836,
    timeNamespace: 4026531834,
    pid: 4691,
    task: 4692,
    started: 107599,
    thread: 3,
  },
  token: '5f0c6a1be28d9347',
};

const BARE: LockClaim = { ...CLAIM, owner: { ...CLAIM.owner, boot: '', host: '', pidNamespace: 0 } };
const CHECKSUM = 'checksum: ';

/** Makes the checksum in the last line right. */
function mendClaim(bytes: Uint8Array): void {
  const text = String.fromCharCode(...bytes);
  const at = text.lastIndexOf(CHECKSUM);
  if (at < 0) return;
  const sum = crc32(bytes, 0, at).toString(16).padStart(8, '0');
  bytes.set(latin1(sum).subarray(0, bytes.length - at - CHECKSUM.length), at + CHECKSUM.length);
}

const claim: Target = {
  name: 'lock claim',
  covers: ['src/fs/lock-claim'],
  longest: MAX_CLAIM_BYTES,
  seeds: () => [encodeClaim(CLAIM), encodeClaim(BARE)],
  mend: mendClaim,
  run(bytes) {
    const decoded = decodeClaim(bytes);
    if (decoded === undefined) return;
    const again = decodeClaim(encodeClaim(decoded));
    check(JSON.stringify(again) === JSON.stringify(decoded), 'a claim written again says the same');
    // Numbers of a claim have no zeros before them when we write it.
    if (!/: 0\d/.test(String.fromCharCode(...bytes)))
      checkSameBytes(encodeClaim(decoded), bytes, 'the claim');
  },
};

const temporaryName: Target = {
  name: 'temporary lock name',
  covers: ['src/fs/lock-claim', 'src/fs/lock-file-name'],
  longest: 300,
  seeds: () => [CLAIM, BARE].map(({ owner, token }) => latin1(temporaryLockName(owner, token))),
  run(bytes) {
    const name = String.fromCharCode(...bytes);
    const owner = parseTemporaryLockName(name);
    if (owner === undefined) return;
    check(isLockFileName(name), 'who made a lock file is asked only of lock files');
    const again = temporaryLockName(owner, CLAIM.token);
    check(
      JSON.stringify(parseTemporaryLockName(again)) === JSON.stringify(owner),
      'the owner is the same again',
    );
  },
};

export const LOCK_TARGETS: readonly Target[] = [claim, temporaryName];
