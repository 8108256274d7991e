// Verifies logs for a command. A thread takes longer to start than some hundred short logs to walk.
import type { Db } from 'mongodb';
import { LISTED_LIMIT } from '../../shared/audit/tally.ts';
import { openIdentity } from '../../shared/transparency/open-signing.ts';
import { beginVerify, createVerifyDeps, evidenceOf } from '../../workers/logs/verify-session.ts';
import { openLogReader } from '../../workers/reports/account-logs.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';
import { createStopFlag } from '../../workers/threads/stop-flag.ts';
import { openPool, type PoolPlace } from './open-pool.ts';

/** Verifies as the pool does. */
export type LogVerifier = Pick<ReportPool, 'verifySession'>;

/** What walks in this thread need: they hold a log against what the account log has of it, where a signing key is configured. */
export function openVerifyDeps({
  db,
  config: { auditKeys, signing },
}: Readonly<{ db: Db; config: Pick<PoolPlace['config'], 'auditKeys' | 'signing'> }>) {
  const keys = signing ? openIdentity(signing) : null;
  const reader = openLogReader(db, keys);
  return createVerifyDeps(db, auditKeys, reader && keys && { reader, keys });
}

/** Logs of one range that are walked in the command's own thread. */
const HERE_AT_MOST = 256;

/**
 * Walks the first short logs in this thread. A log of more than one range, or one log too many, starts the threads, which
 * end with the scope that holds them (`await using`).
 */
export function openVerifier(place: PoolPlace & Readonly<{ db: Db }>): LogVerifier & AsyncDisposable {
  const deps = openVerifyDeps(place);
  let threads: ReturnType<typeof openPool> | undefined;
  let walked = 0;
  return {
    async verifySession(log, options) {
      options.signal.throwIfAborted();
      walked += 1;
      if (walked > HERE_AT_MOST) threads ??= openPool(place);
      if (threads) return await (await threads).verifySession(log, options);
      const { anchors = [], until = null, listed = LISTED_LIMIT } = options;
      const order = { ...log, anchors, until, listed };
      const begun = await beginVerify(deps, { order, stop: createStopFlag() });
      if (begun.kind !== 'begun') return evidenceOf(begun);
      threads ??= openPool(place);
      return await (await threads).verifySession(log, options);
    },
    async [Symbol.asyncDispose]() {
      await (await threads)?.close();
    },
  };
}
