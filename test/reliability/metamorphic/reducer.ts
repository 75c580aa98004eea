/**
 * Makes a list of operations shorter in which something was found, as long as something is found in it: by
 * taking out ever smaller pieces, and then writes out of what is left.
 */
import type { FaultyOperation, Operation } from './operations.ts';

/** Whether something is found in a list. */
export type Trial = (operations: readonly Operation[]) => Promise<boolean>;

/** What is left after so many trials at most. */
export async function reduce(
  operations: readonly Operation[],
  isFound: Trial,
  trials: number,
): Promise<readonly Operation[]> {
  let left = trials;
  let best = operations;
  const improve = async (shorter: readonly Operation[]): Promise<boolean> => {
    if (left <= 0) return false;
    left -= 1;
    if (!(await isFound(shorter))) return false;
    best = shorter;
    return true;
  };
  for (let size = best.length >> 1; size >= 1; size >>= 1) {
    for (let end = best.length; end > 0; end -= size) {
      const start = Math.max(0, end - size);
      await improve([...best.slice(0, start), ...best.slice(end)]);
    }
  }
  for (let at = best.length - 1; at >= 0; at--) {
    for (let piece = 0; ; ) {
      const smaller = withoutPiece(best[at], piece);
      if (smaller === undefined || left <= 0) break;
      if (!(await improve(best.with(at, smaller)))) piece += 1;
    }
  }
  return best;
}

/** An operation that consists of several, without one of them; undefined if there are not so many. */
function withoutPiece(operation: Operation, piece: number): Operation | undefined {
  switch (operation.kind) {
    case 'write':
      return piece < operation.writes.length
        ? { ...operation, writes: operation.writes.toSpliced(piece, 1) }
        : undefined;
    case 'move':
      return piece < operation.moves.length
        ? { ...operation, moves: operation.moves.toSpliced(piece, 1) }
        : undefined;
    case 'fault':
      return piece < operation.within.length
        ? { ...operation, within: operation.within.toSpliced(piece, 1) as FaultyOperation[] }
        : undefined;
    default:
      return undefined;
  }
}
