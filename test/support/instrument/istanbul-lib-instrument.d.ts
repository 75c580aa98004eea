/** The part of istanbul-lib-instrument that is used here. */
declare module 'istanbul-lib-instrument' {
  interface Position {
    readonly line: number;
    readonly column: number;
  }

  interface Range {
    readonly start: Position;
    readonly end: Position;
  }

  interface Branch {
    /** Such as `if`, `cond-expr`, `binary-expr`, `switch`, `default-arg`. */
    readonly type: string;
    readonly loc: Range;
    /** One for each way; an `else` that was not written has no position. */
    readonly locations: readonly Partial<Range>[];
  }

  /** Where each counter of a file stands in its compiled code. */
  interface FileCoverage {
    readonly statementMap: Readonly<Record<string, Range>>;
    readonly fnMap: Readonly<Record<string, { readonly name: string; readonly decl: Range }>>;
    readonly branchMap: Readonly<Record<string, Branch>>;
  }

  interface Instrumenter {
    instrumentSync(code: string, path: string): string;
    lastFileCoverage(): FileCoverage;
  }

  export function createInstrumenter(options: {
    readonly esModules: boolean;
    readonly compact: boolean;
    readonly reportLogic?: boolean;
  }): Instrumenter;
}
