import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LsmError } from '../../src/errors.ts';
import { RECORD_HEADER_BYTES } from '../../src/log/log-format.ts';
import { checkProperty } from '../support/property.ts';
import { boundaries, buildLog, type LogContent, readError, readLog, type Step } from './log-fixture.ts';

/** Payloads that hold the bytes of record headers and of trailers, among others. */
const PAYLOADS: Uint8Array[] = [
  Uint8Array.of(1, 2, 3),
  new Uint8Array(0),
  buildLog(['finish']).slice(48),
  new Uint8Array(30).fill(1),
  buildLog([Uint8Array.of(9)]).slice(48),
  new Uint8Array(11),
];
/** Syncs after the second and the fourth: the last record that was synced is attested by the fifth. */
const SYNCED_STEPS: Step[] = [
  ...PAYLOADS.slice(0, 2),
  'sync',
  ...PAYLOADS.slice(2, 4),
  'sync',
  ...PAYLOADS.slice(4),
];

function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[at] ^= 1 << bit;
  return flipped;
}

function forEachFlip(bytes: Uint8Array, check: (flipped: Uint8Array, at: number) => void): void {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) check(flip(bytes, at, bit), at);
  }
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The log as read, or the code of its error. */
function outcome(bytes: Uint8Array): LogContent | string {
  try {
    return readLog(bytes);
  } catch (error) {
    assert.ok(error instanceof LsmError, String(error));
    return error.code;
  }
}

/** How many whole records end at or before an offset. */
function wholeBefore(offset: number): number {
  return boundaries(PAYLOADS).filter((end) => end <= offset).length - 1;
}

for (const finished of [false, true]) {
  test(`a ${finished ? 'finished' : 'running'} log cut at any byte gives the whole records before the cut`, () => {
    const bytes = buildLog(finished ? [...SYNCED_STEPS, 'finish'] : SYNCED_STEPS);
    const ends = boundaries(PAYLOADS);
    for (let cut = 0; cut < bytes.length; cut++) {
      const { payloads, end } = readLog(bytes.slice(0, cut));
      const validBytes = ends.filter((boundary) => boundary <= cut).at(-1) ?? 0;
      const state = validBytes === cut && cut > 0 ? 'open' : 'torn';
      assert.deepEqual(end, { state, validBytes, discardedBytes: cut - validBytes }, `cut at ${cut}`);
      assert.deepEqual(payloads, PAYLOADS.slice(0, Math.max(0, wholeBefore(cut))), `cut at ${cut}`);
    }
  });
}

test('any flipped bit of a finished log is found', () => {
  forEachFlip(buildLog([...SYNCED_STEPS, 'finish']), (flipped, at) => {
    assert.equal(readError(flipped).code, 'LSM_CORRUPTION', `flipped at ${at}`);
  });
});

test('any flipped bit of a finished log without a record is found', () => {
  forEachFlip(buildLog(['finish']), (flipped, at) => {
    assert.equal(readError(flipped).code, 'LSM_CORRUPTION', `flipped at ${at}`);
  });
});

test('any flipped bit below the last offset that a record attests is damage; after it, a torn tail', () => {
  const ends = boundaries(PAYLOADS);
  const attested = ends[4] ?? 0;
  const bytes = buildLog(SYNCED_STEPS);
  forEachFlip(bytes, (flipped, at) => {
    const found = outcome(flipped);
    if (at < attested) {
      assert.equal(found, 'LSM_CORRUPTION', `flipped at ${at}`);
      return;
    }
    assert.ok(typeof found !== 'string', `flipped at ${at}: ${found}`);
    const validBytes = ends.filter((end) => end <= at).at(-1) ?? 0;
    assert.deepEqual(found.end, { state: 'torn', validBytes, discardedBytes: bytes.length - validBytes });
    assert.deepEqual(found.payloads, PAYLOADS.slice(0, wholeBefore(at)));
  });
});

test('any flipped bit in the records of a log that was never synced tears it there', () => {
  const bytes = buildLog(PAYLOADS);
  const ends = boundaries(PAYLOADS);
  forEachFlip(bytes, (flipped, at) => {
    const found = outcome(flipped);
    if (at < 48) {
      assert.equal(found, 'LSM_CORRUPTION');
      return;
    }
    assert.ok(typeof found !== 'string', `flipped at ${at}: ${found}`);
    const validBytes = ends.filter((end) => end <= at).at(-1) ?? 0;
    assert.deepEqual(found.end, { state: 'torn', validBytes, discardedBytes: bytes.length - validBytes });
    assert.deepEqual(found.payloads, PAYLOADS.slice(0, wholeBefore(at)));
  });
});

test('damage is found by a witness any distance away', () => {
  for (const distance of [65_400, 65_473, 65_474, 65_480, 65_493, 65_494, 65_536, 200_000]) {
    const bytes = buildLog([Uint8Array.of(1), new Uint8Array(distance).fill(1), 'sync', Uint8Array.of(3)]);
    const error = readError(flip(bytes, 50, 0));
    assert.deepEqual([error.code, error.offset], ['LSM_CORRUPTION', 48]);
  }
});

test('a trailer is found as a witness wherever a piece of the search ends', () => {
  for (let length = 65_440; length < 65_500; length++) {
    const error = readError(flip(buildLog([new Uint8Array(length).fill(1), 'finish']), 50, 0));
    assert.deepEqual([error.code, error.offset], ['LSM_CORRUPTION', 48]);
  }
});

test('a witness may itself be cut off after its header', () => {
  const bytes = buildLog([Uint8Array.of(1), 'sync', new Uint8Array(50)]);
  assert.equal(readError(flip(bytes.slice(0, bytes.length - 30), 50, 0)).code, 'LSM_CORRUPTION');
});

test('zeros and noise after the last record are a torn tail of that length', () => {
  const log = buildLog(SYNCED_STEPS);
  const noise = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200, size: 'max' }),
    fc.integer({ min: 1, max: 100_000 }).map((length) => new Uint8Array(length)),
    fc.constantFrom(1, 2).map((kind) => new Uint8Array(5000).fill(kind)),
  );
  checkProperty(
    fc.property(noise, (tail) => {
      const { payloads, end } = readLog(concat(log, tail));
      assert.deepEqual(payloads, PAYLOADS);
      assert.deepEqual(end, { state: 'torn', validBytes: log.length, discardedBytes: tail.length });
    }),
    60,
  );
});

test('a copy of a record elsewhere in the file is no record', () => {
  const log = buildLog(SYNCED_STEPS);
  const ends = boundaries(PAYLOADS);
  for (let i = 0; i + 1 < ends.length; i++) {
    const record = log.slice(ends[i], ends[i + 1]);
    const { payloads, end } = readLog(concat(log, record));
    assert.deepEqual(payloads, PAYLOADS);
    assert.deepEqual(end, { state: 'torn', validBytes: log.length, discardedBytes: record.length });
  }
});

test('swapped records of the same length are damage when synced, and otherwise a torn tail', () => {
  const swap = (log: Uint8Array): Uint8Array => {
    const swapped = log.slice();
    swapped.set(log.slice(48, 48 + 24), 48 + 24);
    swapped.set(log.slice(48 + 24, 48 + 48), 48);
    return swapped;
  };
  const [a, b] = [Uint8Array.of(1, 1, 1), Uint8Array.of(2, 2, 2)];
  assert.equal(readError(swap(buildLog([a, b, 'sync', a]))).code, 'LSM_CORRUPTION');
  assert.equal(readError(swap(buildLog([a, b, 'finish']))).code, 'LSM_CORRUPTION');
  const { payloads, end } = readLog(swap(buildLog([a, b])));
  assert.deepEqual(payloads, []);
  assert.deepEqual(end, { state: 'torn', validBytes: 48, discardedBytes: 48 });
});

test('a record left out, or one put in twice, is damage when synced', () => {
  const record = Uint8Array.of(1, 1, 1);
  const log = buildLog([record, record, record, 'finish']);
  assert.equal(readLog(concat(log.slice(0, 72), log.slice(96))).end.state, 'torn');
  assert.equal(readError(concat(log.slice(0, 72), new Uint8Array(24), log.slice(96))).code, 'LSM_CORRUPTION');
  assert.equal(readError(concat(log.slice(0, 72), log.slice(48, 72), log.slice(96))).code, 'LSM_CORRUPTION');
});

test('anything after the trailer is damage', () => {
  const log = buildLog([Uint8Array.of(1), 'finish']);
  const record = log.slice(48, 48 + RECORD_HEADER_BYTES + 1);
  for (const extra of [Uint8Array.of(0), new Uint8Array(5000), record, log.slice(-RECORD_HEADER_BYTES)]) {
    const error = readError(concat(log, extra));
    assert.deepEqual([error.code, error.offset], ['LSM_CORRUPTION', log.length]);
  }
});

test('a bad header with anything after it is damage, and alone a torn creation', () => {
  const bad = flip(buildLog([]), 20, 3);
  assert.deepEqual(readLog(bad).end, { state: 'torn', validBytes: 0, discardedBytes: 48 });
  assert.deepEqual(readLog(new Uint8Array(0)).end, { state: 'torn', validBytes: 0, discardedBytes: 0 });
  assert.deepEqual(readLog(new Uint8Array(48)).end, { state: 'torn', validBytes: 0, discardedBytes: 48 });
  for (const extra of [Uint8Array.of(0), new Uint8Array(100), buildLog(SYNCED_STEPS).slice(48)]) {
    const error = readError(concat(bad, extra));
    assert.deepEqual([error.code, error.offset], ['LSM_CORRUPTION', 0]);
  }
});

test('a trailer that a power cut left half written is torn, at every sector edge within it', () => {
  // The payload is chosen so that the edge, at 512, falls behind each byte of the trailer.
  for (let edge = 0; edge <= RECORD_HEADER_BYTES; edge++) {
    const start = 512 - edge;
    const log = buildLog([new Uint8Array(start - 48 - RECORD_HEADER_BYTES).fill(5), 'finish']);
    const head = log.slice();
    head.fill(0, 512);
    const tail = log.slice();
    tail.fill(0, start, Math.min(512, log.length));
    for (const torn of [head, tail]) {
      const { payloads, end } = readLog(torn);
      assert.equal(payloads.length, 1);
      const whole = torn.every((byte, at) => byte === log[at]);
      assert.equal(end.state, whole ? 'finished' : 'torn', `edge after byte ${edge}`);
    }
  }
});

test('a trailer of which the last bytes were not written is torn, whatever the disk held there before', () => {
  for (const written of [20, 19]) {
    const start = 512 - written;
    const log = buildLog([new Uint8Array(start - 48 - RECORD_HEADER_BYTES).fill(5), 'finish']);
    const torn = log.slice();
    // As near to the truth as it can be without being it.
    torn[512] ^= 0x40;
    assert.equal(readLog(torn).end.state, 'torn', `${written} bytes were written`);
  }
  const whole = buildLog([new Uint8Array(512 - 16 - 48 - RECORD_HEADER_BYTES).fill(5), 'finish']);
  assert.equal(readError(flip(whole, 512, 6)).code, 'LSM_CORRUPTION', 'five bytes tell');
});

test('a search for a witness through megabytes of plausible headers ends soon', () => {
  // A data record's kind and a synced offset in range: only the checksum tells that these are none.
  const tail = new Uint8Array(2_000_000);
  for (let at = 0; at < tail.length; at += RECORD_HEADER_BYTES) {
    tail[at] = 1;
    tail[at + 5] = 200;
  }
  const log = buildLog([Uint8Array.of(1)]);
  const { end, largestRead } = readLog(concat(log, tail));
  assert.deepEqual(end, { state: 'torn', validBytes: log.length, discardedBytes: tail.length });
  assert.equal(largestRead, 65_536);
});
