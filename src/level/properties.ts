/** LevelDB's text about the inside of a database, in its own layout: `db.getProperty()`. */
import type { Core } from '../db/core.ts';
import type { Stats } from '../db/stats.ts';

const FILES_AT_LEVEL = /^leveldb\.num-files-at-level(\d{1,3})$/;

const MIB = 2 ** 20;

/** The value of a property; the empty string for one that does not exist. */
export function propertyOf(name: string, core: Core, stats: Stats): string {
  const level = FILES_AT_LEVEL.exec(name)?.[1];
  if (level !== undefined) return String(stats.levels[Number(level)]?.files ?? '');
  switch (name) {
    case 'leveldb.stats':
      return levelTable(stats);
    case 'leveldb.sstables':
      return tableList(core);
    case 'leveldb.approximate-memory-usage':
      return String(stats.memtables.activeBytes + stats.cache.bytes);
    default:
      return '';
  }
}

function levelTable({ levels, writes }: Stats): string {
  const rows = levels
    .filter(({ files }) => files > 0)
    .map(({ level, files, bytes, entries }) =>
      [
        String(level).padStart(5),
        String(files).padStart(8),
        mebibytes(bytes),
        String(entries).padStart(12),
      ].join(' '),
    );
  const header = ['Level', '   Files', 'Size(MB)', '     Entries'].join(' ');
  const total =
    `Flushed(MB) ${mebibytes(writes.flushedBytes).trim()}, read by compactions ` +
    `${mebibytes(writes.compactionReadBytes).trim()}, written by them ` +
    `${mebibytes(writes.compactionWrittenBytes).trim()}`;
  const title = 'Compactions'.padStart(24);
  return `${[title, header, '-'.repeat(header.length), ...rows, total].join('\n')}\n`;
}

function tableList({ view }: Core): string {
  const text = (key: Uint8Array): string => JSON.stringify(Buffer.from(key).toString());
  const lines = view.version.levels.flatMap((tables, level) => [
    `--- level ${level} ---`,
    ...tables.map(
      ({ fileNumber, fileBytes, smallest, largest }) =>
        ` ${fileNumber}:${fileBytes}[${text(smallest)} .. ${text(largest)}]`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function mebibytes(bytes: number): string {
  return (bytes / MIB).toFixed(1).padStart(8);
}
