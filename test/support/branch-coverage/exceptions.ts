/** The ways through branches that no test takes, each with the reason: the run fails for every other one. */

export interface Exception {
  readonly file: string;
  /** The line where the branch stands, without the white space around it: it outlives changes of other lines. */
  readonly code: string;
  /** As the report names it: `if: else`. */
  readonly way: string;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [];
