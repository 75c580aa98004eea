/**
 * The bloom filter of a table: says of most user keys that are not in it that they are not, and never of
 * one that is. All bits of a key are in one line of 64 bytes, so that a question costs one cache miss
 * (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007).
 *
 *     line 0, 64 bytes | line 1 | ... | probes u8 | codec u8 | crc32 u32
 *
 * A key's 32-bit hash h picks line floor(h * lines / 2^32). Its bits come from g = mix32(h xor LINE_SALT):
 * each of the `probes` bits is the top nine bits of g, as a bit number in the line (bit b is bit b mod 8 of
 * byte floor(b / 8)), and then g is multiplied by an odd constant.
 */
import { checksumAt } from '../bytes/checksum.ts';
import { mix32 } from '../bytes/hash.ts';
import { writeU32 } from '../bytes/integers.ts';
import { corruption } from '../errors.ts';
import { keyHash } from '../keys/key-hash.ts';
import { checkCodec } from './block-decoder.ts';
import { CODEC_NONE, FILTER_LINE_BYTES, FILTER_TRAILER_BYTES, MAX_FILTER_LINES } from './format.ts';

const LINE_SALT = 0x51ed270b;
/** 2^32 divided by the golden ratio, odd: successive products have well spread top bits. */
const PROBE_STEP = 0x9e3779b9;
const LINE_BITS = 8 * FILTER_LINE_BYTES;
const MAX_PROBES = 16;
const TWO_TO_32 = 0x1_0000_0000;

/** The hash of a user key that {@link BloomFilter.mayContain} and `Table.get` take. */
export function tableKeyHash(key: Uint8Array, start: number, length: number): number {
  return keyHash(key, start, length);
}

/** Collects the hashes of a table's user keys, four bytes each, and makes the filter of them. */
export class BloomFilterBuilder {
  readonly #bitsPerKey: number;
  #hashes: Uint32Array = new Uint32Array(1024);
  #count = 0;

  constructor(bitsPerKey: number) {
    this.#bitsPerKey = bitsPerKey;
  }

  /** Adds a user key, once however many versions it has. */
  add(hash: number): void {
    if (this.#bitsPerKey === 0) return;
    if (this.#count === this.#hashes.length) {
      const grown = new Uint32Array(this.#count * 2);
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    this.#hashes[this.#count] = hash;
    this.#count += 1;
  }

  /** Bytes of the filter if it were finished now. */
  get size(): number {
    return this.#bitsPerKey === 0 ? 0 : this.#lines() * FILTER_LINE_BYTES + FILTER_TRAILER_BYTES;
  }

  /** The filter that will stand at `offset` of the file with that seed; empty for 0 bits a key. */
  finish(seed: number, offset: number): Uint8Array {
    const bytes = new Uint8Array(this.size);
    if (bytes.length === 0) return bytes;
    const lines = this.#lines();
    const probes = probesFor(this.#bitsPerKey);
    for (let i = 0; i < this.#count; i++) setBits(bytes, lines, probes, this.#hashes[i]);
    const end = bytes.length - FILTER_TRAILER_BYTES;
    bytes[end] = probes;
    bytes[end + 1] = CODEC_NONE;
    writeU32(bytes, end + 2, checksumAt(seed, offset, bytes, 0, end + 2));
    return bytes;
  }

  #lines(): number {
    const wanted = Math.ceil((this.#count * this.#bitsPerKey) / LINE_BITS);
    return Math.max(1, Math.min(MAX_FILTER_LINES, wanted));
  }
}

export class BloomFilter {
  readonly bytes: Uint8Array;
  readonly #lines: number;
  readonly #probes: number;

  constructor(bytes: Uint8Array, lines: number, probes: number) {
    this.bytes = bytes;
    this.#lines = lines;
    this.#probes = probes;
  }

  /** False only if no key with this hash was added. */
  mayContain(hash: number): boolean {
    const line = Math.floor((hash * this.#lines) / TWO_TO_32) * FILTER_LINE_BYTES;
    let g = mix32(hash ^ LINE_SALT) | 0;
    for (let probe = this.#probes; probe > 0; probe--) {
      const bit = g >>> 23;
      if ((this.bytes[line + (bit >>> 3)] & (1 << (bit & 7))) === 0) return false;
      g = Math.imul(g, PROBE_STEP);
    }
    return true;
  }
}

/**
 * Makes a filter of bytes whose checksum was found right and whose length the footer's check has passed.
 * @throws LsmError `LSM_CORRUPTION`, `LSM_UNSUPPORTED_FORMAT` for an unknown codec.
 */
export function decodeBloomFilter(bytes: Uint8Array, file: string, offset: number): BloomFilter {
  const end = bytes.length - FILTER_TRAILER_BYTES;
  checkCodec(bytes[end + 1], file, offset);
  const probes = bytes[end];
  if (probes < 1 || probes > MAX_PROBES)
    throw corruption(file, offset, 'an impossible number of filter probes');
  return new BloomFilter(bytes, end / FILTER_LINE_BYTES, probes);
}

/**
 * Bits set for a key: the optimum of an unblocked filter is bits * ln 2; rounding down costs next to
 * nothing and suits lines, some of which are fuller than others.
 */
function probesFor(bitsPerKey: number): number {
  return Math.max(1, Math.min(MAX_PROBES, Math.floor(bitsPerKey * Math.LN2)));
}

function setBits(bytes: Uint8Array, lines: number, probes: number, hash: number): void {
  const line = Math.floor((hash * lines) / TWO_TO_32) * FILTER_LINE_BYTES;
  let g = mix32(hash ^ LINE_SALT) | 0;
  for (let probe = probes; probe > 0; probe--) {
    const bit = g >>> 23;
    bytes[line + (bit >>> 3)] |= 1 << (bit & 7);
    g = Math.imul(g, PROBE_STEP);
  }
}
