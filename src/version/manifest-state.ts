/**
 * What a manifest says, edit by edit. It accepts exactly the edits that keep the invariants of the tree;
 * the first one that does not is reported with its reason and nothing is guessed.
 */
import { applyToLevels, MAX_LEVEL_COUNT } from './level-tables.ts';
import type { TableMeta } from './table-meta.ts';
import { Version } from './version.ts';
import type { VersionEdit } from './version-edit.ts';

export class ManifestState {
  logNumber = 0;
  nextFileNumber = 1;
  lastSequence = 0;
  nextEpoch = 1;
  readonly options: Map<string, string> = new Map();
  readonly #levels: TableMeta[][] = Array.from({ length: MAX_LEVEL_COUNT }, () => []);
  readonly #places = new Map<number, number>();
  readonly #logs = new Set<number>();

  /** Applies an edit; returns the rule that it breaks, after which this state is of no use. */
  apply(edit: VersionEdit): string | undefined {
    return this.#applyNumbers(edit) ?? this.#applyLogs(edit) ?? this.#applyTables(edit);
  }

  /** The write-ahead logs that count, ascending. */
  get logs(): number[] {
    return [...this.#logs].sort((a, b) => a - b);
  }

  /** The tables, in at least `levelCount` levels. */
  version(levelCount: number): Version {
    let used = MAX_LEVEL_COUNT;
    while (used > levelCount && this.#levels[used - 1].length === 0) used--;
    return new Version(this.#levels.slice(0, used).map((tables) => [...tables]));
  }

  #applyNumbers(edit: VersionEdit): string | undefined {
    const { nextFileNumber, lastSequence, nextEpoch, options } = edit;
    if (nextFileNumber !== undefined) {
      if (nextFileNumber < this.nextFileNumber) return 'takes back file numbers';
      this.nextFileNumber = nextFileNumber;
    }
    if (lastSequence !== undefined) {
      if (lastSequence < this.lastSequence) return 'takes back sequence numbers';
      this.lastSequence = lastSequence;
    }
    if (nextEpoch !== undefined) {
      if (nextEpoch < this.nextEpoch) return 'takes back epochs';
      this.nextEpoch = nextEpoch;
    }
    for (const [name, value] of options ?? []) this.options.set(name, value);
    return undefined;
  }

  #applyLogs(edit: VersionEdit): string | undefined {
    for (const log of edit.addedLogs ?? []) {
      if (log === 0) return 'adds a log with number 0';
      if (log < this.logNumber) return `adds log ${log}, which is obsolete`;
      if (this.#logs.has(log)) return `adds log ${log} twice`;
      this.#logs.add(log);
      this.#useFileNumber(log);
    }
    if (edit.logNumber !== undefined) {
      if (edit.logNumber < this.logNumber) return 'brings back obsolete logs';
      this.logNumber = edit.logNumber;
      for (const log of this.#logs) if (log < edit.logNumber) this.#logs.delete(log);
    }
    return undefined;
  }

  #applyTables(edit: VersionEdit): string | undefined {
    const fault = applyToLevels(this.#levels, this.#places, edit);
    if (fault !== undefined) return fault;
    for (const { table } of edit.added) {
      if (table.maxSequence > this.lastSequence) {
        return `adds table ${table.fileNumber} with sequence numbers above the last one`;
      }
      this.#useFileNumber(table.fileNumber);
      this.nextEpoch = Math.max(this.nextEpoch, table.epoch + 1);
    }
    return undefined;
  }

  #useFileNumber(number: number): void {
    this.nextFileNumber = Math.max(this.nextFileNumber, number + 1);
  }
}
