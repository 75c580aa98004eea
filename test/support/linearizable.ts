/**
 * Whether a history of operations that overlapped in time can be explained by doing them one after the other,
 * each at one moment between its call and its return (Herlihy and Wing, "Linearizability", TOPLAS 1990).
 *
 * The search is that of Wing and Gong (1993) with the memory of Lowe ("Testing for linearizability", 2017): it
 * takes operations that may come first, goes back where none is left, and never tries the same set of
 * operations in the same state again. It takes exponential time at worst, so histories should be short, or
 * fall apart into parts that have nothing to do with one another, such as one for each key.
 */

export interface Timed<Operation> {
  readonly operation: Operation;
  /** When it was called and when it returned; the times of all operations differ. Infinity: not known to. */
  readonly call: number;
  readonly return: number;
}

export interface Specification<State, Operation> {
  readonly initial: State;
  /** The state after the operation, or undefined if it could not have had its result in this state. */
  step(state: State, operation: Operation): State | undefined;
  /** The same for equal states only. */
  keyOf(state: State): string;
  /** Whether an operation never changes the state: as soon as one can be done, it is, and nothing else is tried. */
  isRead?(operation: Operation): boolean;
}

/** A call or a return, in a list that calls can be taken out of and put back into. */
interface Moment<Operation> {
  readonly id: number;
  readonly operation: Operation;
  /** That of a call is the moment of its return. */
  readonly end: Moment<Operation> | undefined;
  readonly time: number;
  previous: Moment<Operation> | undefined;
  next: Moment<Operation> | undefined;
}

/** An order of the operations that explains the history, or undefined if there is none. */
export function linearize<State, Operation>(
  { initial, step, keyOf, isRead }: Specification<State, Operation>,
  history: readonly Timed<Operation>[],
): Operation[] | undefined {
  const head = listOf(history);
  const done = new Uint8Array(history.length);
  const tried = new Set<string>();
  const chosen: { call: Moment<Operation>; before: State; isRead: boolean }[] = [];
  let state = initial;
  let at = head.next;
  while (at !== undefined) {
    if (at.end === undefined) {
      // A return of what has not been done: no order that begins like this one ends well.
      let last = chosen.pop();
      for (; last !== undefined; last = chosen.pop()) {
        state = last.before;
        done[last.call.id] = 0;
        putBack(last.call);
        if (!last.isRead) break;
      }
      if (last === undefined) return undefined;
      at = last.call.next;
      continue;
    }
    const after = step(state, at.operation);
    if (after !== undefined) {
      done[at.id] = 1;
      const key = `${Buffer.from(done).toString('latin1')} ${keyOf(after)}`;
      if (!tried.has(key)) {
        tried.add(key);
        chosen.push({ call: at, before: state, isRead: isRead?.(at.operation) ?? false });
        state = after;
        takeOut(at);
        at = head.next;
        continue;
      }
      done[at.id] = 0;
    }
    at = at.next;
  }
  return chosen.map(({ call }) => call.operation);
}

/** All calls and returns in the order of time, behind a head that is neither. */
function listOf<Operation>(history: readonly Timed<Operation>[]): Moment<Operation> {
  const moments = history.flatMap(({ operation, call, return: time }, id) => {
    const end: Moment<Operation> = {
      id,
      operation,
      end: undefined,
      time,
      previous: undefined,
      next: undefined,
    };
    return [{ ...end, end, time: call }, end];
  });
  moments.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const head: Moment<Operation> = { ...moments[0], end: undefined, previous: undefined, next: undefined };
  let last = head;
  for (const moment of moments) {
    last.next = moment;
    moment.previous = last;
    last = moment;
  }
  return head;
}

function takeOut<Operation>(call: Moment<Operation>): void {
  for (const moment of [call, call.end]) {
    if (moment?.previous === undefined) continue;
    moment.previous.next = moment.next;
    if (moment.next !== undefined) moment.next.previous = moment.previous;
  }
}

function putBack<Operation>(call: Moment<Operation>): void {
  for (const moment of [call.end, call]) {
    if (moment?.previous === undefined) continue;
    moment.previous.next = moment;
    if (moment.next !== undefined) moment.next.previous = moment;
  }
}
