/** LZ4 on the content of a data block, as compression meets it. */
import { decodeLz4 } from '../../../src/bytes/lz4-decoder.ts';
import { Lz4Encoder } from '../../../src/bytes/lz4-encoder.ts';
import { exactly, type MicroCase } from './case.ts';
import { KEY_BYTES, keysFrom, VALUE_BYTES, valueFor } from './entries.ts';

const ENTRIES = 30;
const TIMES = 50;
const CONTENT: Uint8Array = content();

export const LZ4_CASES: readonly MicroCase[] = [
  {
    piece: 'lz4',
    work: 'pack a block',
    operations: TIMES,
    bytes: CONTENT.length,
    // Values are half compressible, and keys are more than that.
    isRight: (length) => length > 0 && length < 0.6 * CONTENT.length * TIMES,
    prepare() {
      const encoder = new Lz4Encoder();
      const memory = new Uint8Array(2 * CONTENT.length);
      return () => {
        let length = 0;
        for (let time = 0; time < TIMES; time++) {
          length += encoder.encode(CONTENT, CONTENT.length, memory, CONTENT.length);
        }
        return length;
      };
    },
  },
  {
    piece: 'lz4',
    work: 'unpack a block',
    operations: TIMES,
    bytes: CONTENT.length,
    isRight: exactly(TIMES),
    prepare() {
      const packed = new Uint8Array(2 * CONTENT.length);
      const length = pack(packed);
      const memory = new Uint8Array(CONTENT.length);
      return () => {
        let whole = 0;
        for (let time = 0; time < TIMES; time++) {
          if (decodeLz4(packed, length, memory, CONTENT.length)) whole++;
        }
        return whole;
      };
    },
  },
];

function pack(memory: Uint8Array): number {
  return new Lz4Encoder().encode(CONTENT, CONTENT.length, memory, CONTENT.length);
}

/** Keys and values in turn. */
function content(): Uint8Array {
  const entry = KEY_BYTES + VALUE_BYTES;
  const bytes = new Uint8Array(ENTRIES * entry);
  for (const [number, key] of keysFrom(0, ENTRIES).entries()) {
    bytes.set(key, number * entry);
    bytes.set(valueFor(number), number * entry + KEY_BYTES);
  }
  return bytes;
}
