/** The statistics of a database as tables for people. */
import type { RecoveryReport, Stats } from '../index.ts';
import { counted, humanBytes, humanCount, humanDuration, humanRatio } from './human.ts';
import { renderPairs, renderTable } from './tables.ts';

export function statsTables(stats: Stats): string {
  return [levelTable(stats), figures(stats), ...stallTable(stats)].join('\n\n');
}

/** The levels down to the last one that holds anything. */
export function levelTable(stats: Stats): string {
  const used = stats.levels.findLastIndex(({ files }) => files > 0);
  const rows = stats.levels
    .slice(0, Math.max(1, used + 1))
    .map(({ level, files, bytes, entries, tombstones, dataBytes }) => [
      `L${level}`,
      humanCount(files),
      humanBytes(bytes),
      humanBytes(dataBytes),
      humanCount(entries),
      humanCount(tombstones),
    ]);
  const sum = (of: (level: Stats['levels'][number]) => number): number =>
    stats.levels.reduce((total, level) => total + of(level), 0);
  return renderTable(
    [
      { title: 'Level' },
      { title: 'Files', align: 'right' },
      { title: 'Size', align: 'right' },
      { title: 'Data', align: 'right' },
      { title: 'Entries', align: 'right' },
      { title: 'Tombstones', align: 'right' },
    ],
    [
      ...rows,
      [
        'All',
        humanCount(stats.files),
        humanBytes(stats.bytes),
        humanBytes(sum(({ dataBytes }) => dataBytes)),
        humanCount(sum(({ entries }) => entries)),
        humanCount(sum(({ tombstones }) => tombstones)),
      ],
    ],
  );
}

function figures(stats: Stats): string {
  const { memtables, cache, writes, reads, compactions, pending } = stats;
  const lookups = cache.hits + cache.misses;
  const hitRate = lookups === 0 ? '' : `, ${((100 * cache.hits) / lookups).toFixed(1)} % hits`;
  const pairs: [string, string][] = [
    ['Writes ever', humanCount(stats.sequence)],
    ['Memtables', `${humanCount(memtables.activeEntries)} entries active, ${memtables.frozen} frozen`],
    ['Block cache', `${humanBytes(cache.bytes)} of ${humanBytes(cache.capacityBytes)}${hitRate}`],
    ['Open files', humanCount(stats.openFiles)],
    ['Written by users', humanBytes(writes.userBytes)],
    ['Written to logs', humanBytes(writes.logBytes)],
    ['Written by flushes', `${humanBytes(writes.flushedBytes)} in ${humanCount(compactions.flushes)}`],
    [
      'Written by compaction',
      `${humanBytes(writes.compactionWrittenBytes)} in ${humanCount(compactions.merges)}`,
    ],
    ['Write amplification', measured(writes.userBytes, writes.amplification)],
    ['Read amplification', `${measured(reads.gets, reads.amplification)} (tables a read)`],
    ['Waiting for compaction', humanBytes(pending.compactionBytes)],
  ];
  pairs.push(['Found when opened', recoveryText(stats.recovery)]);
  if (pending.lastError !== undefined) pairs.push(['Last job failed', pending.lastError]);
  if (stats.failure !== undefined) pairs.push(['Takes no writes', stats.failure]);
  return renderPairs(pairs);
}

/** What opening found, in a line; what it had to leave out comes with the file and the offset. */
export function recoveryText(recovery: RecoveryReport): string {
  const { created, logs, entriesReplayed, discarded, orphansRemoved } = recovery;
  if (created) return 'nothing: the database is new';
  const parts = [`${counted(entriesReplayed, 'record')} in ${counted(logs.length, 'log')}`];
  for (const { file, offset, bytes, reason } of discarded) {
    parts.push(
      `${counted(bytes, 'byte')} of no whole record discarded from ${file} at offset ${offset} (${reason})`,
    );
  }
  if (orphansRemoved > 0) parts.push(`${counted(orphansRemoved, 'orphan')} removed`);
  return parts.join(', ');
}

/** Nothing if no write was ever held up. */
function stallTable(stats: Stats): string[] {
  const rows = Object.entries(stats.stalls)
    .filter(([, { delays, stops }]) => delays + stops > 0)
    .map(([reason, { delays, stops, milliseconds }]) => [
      reason,
      humanCount(delays),
      humanCount(stops),
      humanDuration(milliseconds),
    ]);
  if (rows.length === 0) return [];
  const titles = ['Writes held up by', 'Slowed', 'Stopped', 'Time'];
  return [
    renderTable(
      titles.map((title, index) => ({ title, align: index === 0 ? 'left' : 'right' })),
      rows,
    ),
  ];
}

function measured(count: number, ratio: number): string {
  return humanRatio(count === 0 ? undefined : ratio);
}
