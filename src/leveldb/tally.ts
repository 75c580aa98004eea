/** What was read so far; the parts that read count in it. */
export class Tally {
  /** Values and deletions, of whatever age. */
  versions = 0;
  /** Deletions among them. */
  deletions = 0;
  filesRead = 0;
  bytesRead = 0;
}
