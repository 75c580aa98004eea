/**
 * Everything that ends with another opening of the database. What a power cut or a failing disk leaves is not
 * the same under every configuration: here it is checked that it is something which the contract allows, and
 * then made equal to what the model holds by writing again what is missing. So the list can go on.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Options } from '../../../src/options.ts';
import type { Answer } from './answer.ts';
import type { Host } from './hosts.ts';
import type { KeyPool } from './key-pool.ts';
import type { Commit, Model } from './model.ts';
import type { FaultyOperation, Operation, Restart } from './operations.ts';
import { contentsPrint, type Fate, prefixes, survivors } from './outcomes.ts';
import { answerAll } from './upkeep.ts';

/** A database as far as restarts need it. */
export interface Restartable {
  readonly pool: KeyPool;
  readonly host: Host;
  readonly options: Options;
  /** The engine that is open. */
  readonly db: MiniLsm;
  open(): void | Promise<void>;
  close(): void | Promise<void>;
  /** Lets go of whatever was held on the database that was open last. */
  forget(): void;
  /** Does an operation that a fault may hit. */
  attempt(operation: FaultyOperation): void | Promise<void>;
}

/** Restarts, and answers with all that is there then. */
export async function restart(
  subject: Restartable,
  operation: Restart,
  answer: Answer,
  model: Model,
): Promise<void> {
  switch (operation.kind) {
    case 'reopen':
      await subject.close();
      checkClosed(subject);
      await openAgain(subject);
      checkNothingDiscarded(subject);
      break;
    case 'kill':
      await kill(subject);
      await openAgain(subject);
      checkNothingDiscarded(subject);
      break;
    case 'repair':
      await subject.close();
      repair(subject, operation);
      await openAgain(subject);
      checkNothingDiscarded(subject);
      break;
    case 'power cut':
      if (!subject.host.cutPower(operation.seed)) await subject.close();
      await openAgain(subject);
      await settlePowerCut(subject, model);
      break;
    case 'fault': {
      const fates = await attemptAll(subject, operation);
      checkVisible(subject, model, fates);
      await kill(subject);
      await openAgain(subject);
      await settleFault(subject, model, fates);
      break;
    }
  }
  answerAll(subject.db, answer);
}

async function kill(subject: Restartable): Promise<void> {
  if (!subject.host.kill()) await subject.close();
}

async function openAgain(subject: Restartable): Promise<void> {
  subject.forget();
  await subject.open();
}

/** What is closed is whole without being opened, and has no file too many. */
function checkClosed({ host }: Restartable): void {
  const { problems, unnamed, foreign } = MiniLsm.verify(host.path, { fileSystem: host.fileSystem });
  assert.deepEqual({ problems, unnamed, foreign }, { problems: [], unnamed: [], foreign: [] });
}

/** Every write was acknowledged, or told to have failed: nothing can be torn. */
function checkNothingDiscarded({ db }: Restartable): void {
  assert.equal(db.recovery.bytesDiscarded, 0, 'bytes discarded when nothing was torn');
}

/** A repair of a whole database loses nothing, also if it has to find out by itself what belongs to the tree. */
function repair({ host, options }: Restartable, { what }: Restart & { readonly kind: 'repair' }): void {
  if (what === 'without CURRENT') host.remove('CURRENT');
  const { fileSystem, path } = host;
  const report = MiniLsm.repair(path, { ...options, background: undefined, fileSystem });
  assert.equal(report.problems.length, what === 'whole' ? 0 : 1, 'problems that repair found');
}

async function settlePowerCut(subject: Restartable, { uncertain }: Model): Promise<void> {
  const { before, commits } = uncertain;
  const kept = prefixes(before, commits, subject.pool).get(contentsPrint(subject.db.scan()));
  assert.ok(
    kept !== undefined,
    'after a power cut there is a prefix of the commit order with all that was durable',
  );
  await rewrite(subject, commits.slice(kept));
}

/** Does the operations while the disk fails, and tells what became of those that write, in order. */
async function attemptAll(subject: Restartable, operation: Restart & { kind: 'fault' }): Promise<Fate[]> {
  const fates: Fate[] = [];
  subject.host.arm(operation.fault);
  for (const inner of operation.within) {
    let fate: Fate = 'acknowledged';
    try {
      await subject.attempt(inner);
    } catch (error) {
      fate = fateOf(error);
    }
    if (inner.kind === 'write' && inner.writes.length > 0) fates.push(fate);
  }
  subject.host.arm(undefined);
  return fates;
}

function fateOf(error: unknown): Fate {
  const { code } = error as { readonly code?: string };
  if (code === 'LSM_READ_ONLY' || code === 'LEVEL_READONLY') return 'refused';
  if (code === 'LSM_IO' || code === 'LSM_NO_SPACE' || code === 'LEVEL_IO_ERROR') return 'failed';
  throw error;
}

/** Reads go on after a failure, and see what was acknowledged and nothing else. */
function checkVisible({ db, pool }: Restartable, { uncertain }: Model, fates: readonly Fate[]): void {
  const certain = fates.map((fate) => (fate === 'failed' ? 'refused' : fate));
  const allowed = survivors(uncertain.before, uncertain.commits, certain, pool);
  assert.ok(
    allowed.has(contentsPrint(db.scan())),
    `after failures the acknowledged writes are visible: ${fates}`,
  );
}

async function settleFault(
  subject: Restartable,
  { uncertain }: Model,
  fates: readonly Fate[],
): Promise<void> {
  const { before, commits } = uncertain;
  const allowed = survivors(before, commits, fates, subject.pool);
  assert.ok(allowed.has(contentsPrint(subject.db.scan())), `after failures and a kill: ${fates}`);
  await rewrite(subject, commits);
}

async function rewrite(subject: Restartable, commits: readonly Commit[]): Promise<void> {
  for (const writes of commits) await subject.attempt({ kind: 'write', how: 'batch', writes, sync: false });
  await subject.attempt({ kind: 'sync' });
}

export function isRestart(operation: Operation): operation is Restart {
  return ['reopen', 'kill', 'power cut', 'repair', 'fault'].includes(operation.kind);
}
