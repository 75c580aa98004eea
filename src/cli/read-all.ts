/** Standard input as one value. */
import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { MAX_VALUE_BYTES } from '../index.ts';
import { usageFailure } from './exit-codes.ts';

/** Everything up to the end, which must come before it is too large for a value. */
export async function readAll(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_VALUE_BYTES) throw usageFailure('standard input is larger than a value may be (1 GiB)');
  }
  return Buffer.concat(chunks);
}
