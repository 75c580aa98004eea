/** What is written: 60 keys with values of 32 bytes. */

/** @type {ReadonlyMap<string, string>} */
export const ENTRIES = new Map(
  Array.from({ length: 60 }, (_, i) => [
    `key ${String(i).padStart(3, '0')}`,
    `value ${i} `.padEnd(32, 'abcdefgh'),
  ]),
);
