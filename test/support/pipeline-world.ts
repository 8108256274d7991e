// A world of real logs for the pipeline's tests: damage to rows, and the naive truth about what was derived.
import assert from 'node:assert/strict';
import { openingMarkOf } from '../../shared/audit/opening.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { StoredSession } from '../../shared/sessions/session-row.ts';
import { type LogWorld, writeSession } from './audit-world.ts';
import { eventually } from './eventually.ts';
import { naiveRoot } from './naive-merkle-tree.ts';
import { editSegment, readTexts } from './segments.ts';

export function rowsOf({ db }: Pick<LogWorld, 'db'>) {
  return db.collection<StoredSession>('sessions');
}

/** A session that ended without a seal and a root: what an export from elsewhere may hold. */
export async function writeEnded(world: LogWorld, size: number, accountId?: string): Promise<Session> {
  const { id, accountId: owner } = await writeSession(world, size, {
    seal: false,
    ...(accountId !== undefined && { accountId }),
  });
  const ended = { ended_at: new Date(), status: 'ok' as const };
  await rowsOf(world).updateOne({ _id: id }, { $set: ended, $unset: { stage: '' }, $inc: { changes: 1 } });
  return await markEnd(world, { accountId: owner, id });
}

/** Marks a session without a seal as an import of it does: its end as the row has it now is under the log's key. */
export async function markEnd(
  { db, sessions, keyring }: Pick<LogWorld, 'db' | 'sessions' | 'keyring'>,
  { accountId, id }: Pick<Session, 'accountId' | 'id'>,
): Promise<Session> {
  const session = (await sessions.find(accountId, id)) as Session;
  const opening = openingMarkOf(keyring.named(session.log.keyId)!.openingKey, session);
  await rowsOf({ db }).updateOne({ _id: id }, { $set: { 'log.opening': opening } });
  return { ...session, log: { ...session.log, opening } };
}

/** Rewrites an entry as somebody with the database and without the key could. */
export async function alterEntry(
  world: LogWorld,
  session: Session,
  at: number,
  [from, to] = ['MSKV1', 'MSKV9'],
): Promise<void> {
  await editSegment(world.db, session, Math.floor(at / 256), (texts) =>
    texts.with(at % 256, texts[at % 256]!.replace(from, to)),
  );
}

type NaiveEntry = { kind: string; pass: string; entity_kind: string };

/** What the log says, read as anybody would. */
export async function readNaively(world: Pick<LogWorld, 'db'>, session: Session) {
  const texts = await readTexts(world.db, session);
  const byKind = new Map<string, number>();
  const byPass = new Map<string, number>();
  let failures = 0;
  for (const text of texts) {
    const entry = JSON.parse(text) as NaiveEntry;
    if (entry.kind === 'rehydration_failed') failures += 1;
    if (entry.kind !== 'redaction') continue;
    byKind.set(entry.entity_kind, (byKind.get(entry.entity_kind) ?? 0) + 1);
    byPass.set(entry.pass, (byPass.get(entry.pass) ?? 0) + 1);
  }
  const sorted = (counts: Map<string, number>) => [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    aggregate: {
      redaction_count: [...byKind.values()].reduce((sum, count) => sum + count, 0),
      redactions_by_kind: sorted(byKind),
      redactions_by_pass: sorted(byPass),
      rehydration_failure_count: failures,
      through_seq: texts.length - 1,
    },
    size: texts.length,
    rootHex: Buffer.from(naiveRoot(texts.map((text) => Buffer.from(text)))).toString('hex'),
  };
}

/** Resolves once nothing is due any more for any session that is stored. */
export function untilSettled(world: Pick<LogWorld, 'db'>): Promise<void> {
  return eventually('no session is due', async () =>
    assert.equal(await rowsOf(world).countDocuments({ stage: { $ne: 'done' } }), 0),
  );
}

type StoredHour = { account_id: string; agent_id: string; hour: Date } & Record<string, unknown>;

/** Every session's counts and root, and every hour's sums, against the logs read naively. */
export async function assertDerived(world: Pick<LogWorld, 'db'>): Promise<void> {
  const hours = new Map<string, { sessions: number; redactions: number; failures: number }>();
  for await (const row of rowsOf(world).find()) {
    const session = { accountId: row.account_id, id: row._id } as Session;
    const naive = await readNaively(world, session);
    assert.deepEqual(row.aggregate, naive.aggregate, row._id);
    if (row.ended_at === null) continue;
    assert.deepEqual([row.merkle_root_hex, row.merkle_root_size], [naive.rootHex, naive.size], row._id);
    const hour = new Date(Math.floor(row.started_at.getTime() / 3_600_000) * 3_600_000);
    const key = `${row.account_id} ${row.agent_id} ${hour.toISOString()}`;
    const sums = hours.get(key) ?? { sessions: 0, redactions: 0, failures: 0 };
    sums.sessions += 1;
    sums.redactions += naive.aggregate.redaction_count;
    sums.failures += naive.aggregate.rehydration_failure_count;
    hours.set(key, sums);
  }
  const stored = new Map<string, object>();
  for await (const row of world.db.collection<StoredHour>('redaction_aggregates').find()) {
    stored.set(`${row.account_id} ${row.agent_id} ${row.hour.toISOString()}`, {
      sessions: row.session_count,
      redactions: row.redaction_count,
      failures: row.rehydration_failure_count,
    });
  }
  assert.deepEqual(new Map([...stored].sort()), new Map([...hours].sort()));
}
