/** mini-lsm: an embedded, ordered, durable key-value store. Everything public is exported here. */

export type { Compression, CompressionByLevel } from './bytes/compression.ts';
export type {
  Bytes,
  CursorOptions,
  RangeOptions,
  ReadOptions,
  ScanOptions,
  WriteOptions,
} from './db/arguments.ts';
export type { BackupOptions, RestoreOptions } from './db/backup.ts';
export type { CheckpointOptions, CheckpointReport } from './db/checkpoint.ts';
export type { BackupReport } from './db/copied-tree.ts';
export type { StallCount, StallReason } from './db/counters.ts';
export type { DbCursor } from './db/db-cursor.ts';
export type { Entry } from './db/entry-copies.ts';
export type { CompactionEvent, FailureEvent, FlushEvent, OpenEvent, StallEvent } from './db/events.ts';
export { MiniLsm } from './db/mini-lsm.ts';
export type { DiscardedTail, RecoveryReport, ReplayedLog } from './db/recovery-report.ts';
export type { RepairOptions, RepairReport } from './db/repair/report.ts';
export type { Scan, ScanIterator } from './db/scan.ts';
export type { Snapshot as LsmSnapshot } from './db/snapshots.ts';
export type { LevelStats, Stats } from './db/stats.ts';
export type {
  Problem,
  TableAtRisk,
  VerifiedFile,
  VerifyDirectoryOptions,
  VerifyOptions,
  VerifyReport,
} from './db/verify-report.ts';
export { LsmError, type LsmErrorCode, type LsmErrorDetails } from './errors.ts';
export type { DirectoryLock, FileStatus, FileSystem, ReadableFile, WritableFile } from './fs/file-system.ts';
export { MemoryFileSystem } from './fs/memory-file-system.ts';
export { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './keys/internal-key.ts';
export { ChainedBatch } from './level/level-chained-batch.ts';
export { LevelError } from './level/level-error.ts';
export type {
  AdditionalIteratorOptions,
  BatchOptions,
  ChainedBatchWriteOptions,
  ClearOptions,
  DatabaseOptions,
  DelOptions,
  GetManyOptions,
  GetOptions,
  HasManyOptions,
  HasOptions,
  IteratorOptions,
  KeyIteratorOptions,
  OpenOptions,
  PutOptions,
  SignalOptions,
  StartEndOptions,
  ValueIteratorOptions,
} from './level/level-options.ts';
export { MiniLevel, MiniLevel as ClassicLevel } from './level/mini-level.ts';
export type { BatchOperation, Iterator, KeyIterator, Snapshot, ValueIterator } from './level/typed-level.ts';
export type { SkippedPart } from './leveldb/damage.ts';
export {
  type ImportOptions,
  type ImportProgress,
  type ImportReport,
  importLevelDB,
} from './leveldb/import-leveldb.ts';
export type { TornReason } from './log/torn-tail.ts';
export type { Options } from './options.ts';
export { MAX_BATCH_BYTES } from './wal/batch-format.ts';
export { WriteBatch } from './wal/write-batch.ts';
