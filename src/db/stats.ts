/** What `stats()` reports: plain data, safe for JSON, all sizes in bytes. */
import { type Compression, compressionAt } from '../bytes/compression.ts';
import type { BlockCacheStats } from '../cache/block-cache.ts';
import type { Core } from './core.ts';
import type { StallCount, StallReason } from './counters.ts';
import type { Maintenance } from './maintenance.ts';
import type { RecoveryReport } from './recovery-report.ts';

export interface LevelStats {
  readonly level: number;
  readonly files: number;
  readonly bytes: number;
  /** Entries, all versions and tombstones counted. */
  readonly entries: number;
  readonly tombstones: number;
  /** Bytes of the keys and values of all entries, as they were given. */
  readonly dataBytes: number;
  /** How tables are packed that are written to it from now on. */
  readonly compression: Compression;
}

export interface Stats {
  /** Sequence number of the last write; counts every put and delete since the database was made. */
  readonly sequence: number;
  readonly levels: readonly LevelStats[];
  /** Table files that the database now consists of, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly memtables: {
    readonly activeBytes: number;
    readonly activeEntries: number;
    /** Full memtables that wait for their flush. */
    readonly frozen: number;
  };
  readonly cache: BlockCacheStats;
  readonly openFiles: number;
  /** Since the database was opened. */
  readonly writes: {
    readonly userBytes: number;
    readonly logBytes: number;
    readonly flushedBytes: number;
    readonly compactionReadBytes: number;
    readonly compactionWrittenBytes: number;
    /** Bytes written to the disk, logs included, for each byte that was put; 0 before the first write. */
    readonly amplification: number;
  };
  /** Since the database was opened. */
  readonly reads: {
    readonly gets: number;
    /** Tables that point reads looked into, their filters included. */
    readonly tablesProbed: number;
    /** Tables looked into for each point read; 0 before the first. */
    readonly amplification: number;
  };
  readonly compactions: {
    readonly flushes: number;
    readonly merges: number;
    /** Tables that changed their level without being rewritten. */
    readonly moves: number;
    readonly entriesDropped: number;
  };
  readonly stalls: Readonly<Record<StallReason, Readonly<StallCount>>>;
  readonly pending: {
    readonly flushRunning: boolean;
    readonly mergeRunning: boolean;
    /** Roughly how many bytes compaction still has to write. */
    readonly compactionBytes: number;
    /** Why the last flush or compaction failed, until one succeeds. */
    readonly lastError: string | undefined;
  };
  readonly snapshots: number;
  readonly cursors: number;
  /** What opening found and did. */
  readonly recovery: RecoveryReport;
  /** Why the database takes no writes any more. */
  readonly failure: string | undefined;
}

export function collectStats(core: Core, maintenance: Maintenance, logBytes: number, cursors: number): Stats {
  const { counters, view } = core;
  const levels = view.version.levels.map((tables, level) => {
    let bytes = 0;
    let entries = 0;
    let tombstones = 0;
    let dataBytes = 0;
    for (const table of tables) {
      bytes += table.fileBytes;
      entries += table.entryCount;
      tombstones += table.tombstoneCount;
      dataBytes += table.dataBytes;
    }
    const compression = compressionAt(core.options.compression, level);
    return { level, files: tables.length, bytes, entries, tombstones, dataBytes, compression };
  });
  const allLogBytes = counters.logBytes + logBytes;
  const written = allLogBytes + counters.flushedBytes + counters.mergeWrittenBytes;
  const active = view.active.table;
  return {
    sequence: core.lastSequence,
    levels,
    files: levels.reduce((sum, { files }) => sum + files, 0),
    bytes: levels.reduce((sum, { bytes }) => sum + bytes, 0),
    memtables: {
      activeBytes: active.byteSize,
      activeEntries: active.entryCount,
      frozen: view.frozenCount,
    },
    cache: core.blocks.stats(),
    openFiles: core.tables.openCount,
    writes: {
      userBytes: counters.userBytes,
      logBytes: allLogBytes,
      flushedBytes: counters.flushedBytes,
      compactionReadBytes: counters.mergeReadBytes,
      compactionWrittenBytes: counters.mergeWrittenBytes,
      amplification: counters.userBytes === 0 ? 0 : written / counters.userBytes,
    },
    reads: {
      gets: counters.gets,
      tablesProbed: counters.tablesProbed,
      amplification: counters.gets === 0 ? 0 : counters.tablesProbed / counters.gets,
    },
    compactions: {
      flushes: counters.flushes,
      merges: counters.merges,
      moves: counters.moves,
      entriesDropped: counters.entriesDropped,
    },
    stalls: structuredClone(counters.stalls),
    pending: {
      flushRunning: maintenance.flushRunning,
      mergeRunning: maintenance.mergeRunning,
      compactionBytes: maintenance.pendingBytes,
      lastError: maintenance.lastError?.message,
    },
    snapshots: core.snapshots.size,
    cursors,
    recovery: core.recovery,
    failure: core.failure?.message,
  };
}
