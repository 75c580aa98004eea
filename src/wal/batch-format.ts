/**
 * The bytes of a write batch, which are the payload of a record of the write-ahead log. All integers are
 * little-endian.
 *
 *     batch = header | entry*
 *
 *     header (12 bytes)              entry (7 bytes, the key and the value)
 *      0  sequence      u64           0  kind: 1 put, 2 delete     1
 *      8  entry count   u32           1  key length                u16
 *                                     3  key
 *                                     .  value length              u32  (0 for a delete)
 *                                     .  value
 *
 * The first entry has the sequence number `sequence`, and each one after it the next.
 */

export const BATCH_HEADER_BYTES = 12;
export const BATCH_COUNT_AT = 8;

/** Bytes of an entry with an empty key and value. */
export const ENTRY_OVERHEAD_BYTES = 7;

/** The longest batch, bytes: two GiB, less some room for what goes around it. */
export const MAX_BATCH_BYTES: number = 2 ** 31 - 2 ** 20;
