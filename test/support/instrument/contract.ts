/** What counted modules and {@link Counters} agree on. */

/** The name in `globalThis` under which a counted module finds {@link Counters} to attach itself to. */
export const ATTACH = 'mini-lsm counters';

/** No run that ends brings a counter beyond this: whoever counts on is stopped. */
export const STEP_LIMIT = 4_000_000;

/** Constructors whose allocations are metered in counted modules. */
export const METERED: readonly string[] = [
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int32Array',
  'Float64Array',
  'ArrayBuffer',
];

/** Modules imported with this behind their name, and all of ours that they import, are loaded once more, counted. */
export const COUNTED = '?counted';
