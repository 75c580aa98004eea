/**
 * The names in a LevelDB directory. CURRENT holds the name of the live manifest as text; everything else is
 * known by its number.
 *
 *     000005.ldb        a table (before version 1.14: 000005.sst)      CURRENT   names the live manifest
 *     000007.log        a write-ahead log                              LOCK      held by the open process
 *     MANIFEST-000006   a manifest                                     LOG       text for people, as is LOG.old
 */

/** The number in the name of a log; undefined for any other name. */
export function logNumber(name: string): number | undefined {
  const match = /^(\d{6,16})\.log$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** The names that a table may have, the usual one first. */
export function tableNames(number: number): readonly string[] {
  return [`${digits(number)}.ldb`, `${digits(number)}.sst`];
}

export function logName(number: number): string {
  return `${digits(number)}.log`;
}

function digits(number: number): string {
  return String(number).padStart(6, '0');
}
