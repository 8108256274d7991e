// Ends a session: its log is closed, walked and sealed. Sent again, it answers the same.
import { canonicalize, JsonError } from '../../../shared/audit/canonical-json.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type CloseFacts, closeLog } from '../../../shared/log-writer/close-log.ts';
import { findWritable, findWritingKey } from '../../../shared/log-writer/writable-row.ts';
import { parsePolicy } from '../../../shared/policy/parse-policy.ts';
import { announceClosed } from '../../../shared/sessions/announce-closed.ts';
import { END_LIMIT, fitsRow } from '../../../shared/sessions/row-limit.ts';
import type { Session, SessionPayloads } from '../../../shared/sessions/session.ts';
import { UnreadablePayloads } from '../../../shared/sessions/session-payloads.ts';
import { noSession } from '../../../workers/reports/pool.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import type { none, RouteInput } from '../../http/route-spec.ts';
import { refuseUnwritable } from './refuse-unwritable.ts';
import type { sessionParams } from './schema.ts';
import type { endBody } from './writing-schema.ts';

type Deps = Pick<
  ApiDeps,
  | 'writer'
  | 'writeTurns'
  | 'policies'
  | 'recordOutcome'
  | 'refuseReopened'
  | 'noteSealed'
  | 'followClosed'
  | 'announcer'
>;

export async function endSession(
  deps: Deps,
  ctx: ApiContext,
  { params: { session_id: id }, body }: RouteInput<typeof sessionParams, typeof none, typeof endBody>,
): Promise<void> {
  if (id === null) throw noSession();
  const { writer, writeTurns } = deps;
  const { accountId } = ctx.state.actor;
  const payloads = body.payloads ? readPayloads(body.payloads) : null;
  if (!fitsRow(payloads, body.stage_durations_ms)) throw tooLong(payloads);
  await deps.refuseReopened(accountId, id);
  // Before the close, since nothing of a sealed session changes. The answer waits for both.
  const facts: CloseFacts = {
    endedAt: body.ended_at,
    status: body.status,
    ...(body.stage_durations_ms && { stageDurationsMs: body.stage_durations_ms }),
  };
  if (payloads) await keepPayloads(deps, accountId, id, payloads, facts);
  const result = await writeTurns.run(accountId, () => closeLog(writer, accountId, id, facts));
  if (result.status === 'no_session') throw noSession();
  if (result.status === 'failed' || result.status === 'unverifiable') {
    return await refuseUnwritable(deps, accountId, id, result);
  }
  deps.followClosed({ accountId, sessionId: id });
  const ended = (await writer.sessions.find(accountId, id)) as Session;
  deps.noteSealed(ended);
  // Before the answer: a caller who got none sends the end again.
  await announceClosed(deps.announcer, ended);
  const other = findOther(ended, facts);
  if (other !== null) {
    if (payloads) await writer.sessions.unsettlePayloads(accountId, id, payloads);
    throw endedOtherwise(other);
  }
  ctx.body = { size: ended.log.size, merkle_root_hex: ended.merkleRootHex, seal: ended.log.seal };
}

/** Throws `validation_failed` where the policy in force keeps no payloads, and `log_failed` for a damaged row. */
async function keepPayloads(
  deps: Deps,
  accountId: string,
  sessionId: string,
  payloads: SessionPayloads,
  end: CloseFacts,
): Promise<void> {
  const { sessions } = deps.writer;
  const found = await findWritable(deps.writer, accountId, sessionId);
  if (found.status === 'no_session') throw noSession();
  if (found.status !== 'found') return await refuseUnwritable(deps, accountId, sessionId, found);
  // The row names the policy, and so what may be kept. Of a sealed log, the close tells what is to be told.
  const { verdict } =
    found.session.log.seal === null ? await findWritingKey(deps.writer, found.session) : SEALED;
  if (verdict) return await refuseUnwritable(deps, accountId, sessionId, verdict);
  const policy = await deps.policies.find(accountId, found.session.policySha256Hex);
  const parsed = policy && parsePolicy(policy.text);
  if (!parsed?.ok || !parsed.policy.audit.logPayloads) {
    throw new AppError('validation_failed', KEEPS_NONE, { param: 'payloads' });
  }
  // For this end alone: where another caller's comes first, they must not stand beside that one.
  if (await sessions.keepPayloads(accountId, sessionId, payloads, end)) return;
  if ((await readKept(sessions, accountId, sessionId)) !== canonicalize(payloads)) {
    throw endedOtherwise('payloads');
  }
}

const SEALED = { verdict: null } as const;

/** The payloads that the session keeps, in canonical form. Throws `log_failed` where they cannot be read. */
async function readKept(
  sessions: ApiDeps['writer']['sessions'],
  accountId: string,
  sessionId: string,
): Promise<string> {
  try {
    return canonicalize(await sessions.findPayloads(accountId, sessionId));
  } catch (error) {
    if (error instanceof UnreadablePayloads) throw unreadable(error.field);
    // JSON with a number or a text that no writer stores.
    if (error instanceof JsonError) throw unreadable('payloads');
    throw error;
  }
}

/** Without payloads, the session can be ended all the same: no log is made of them. */
function unreadable(field: string): AppError {
  return new AppError(
    'log_failed',
    `The session has payloads that cannot be read: ${field} of its row, or what it names in session_payloads, is not as a writer stored it; compare the row with a backup, or end the session without payloads.`,
    { param: 'payloads' },
  );
}

const KEEPS_NONE =
  "payloads: the session's policy does not keep what was said: leave them out, or use a policy with log_payloads: true.";

/** Whatever is longer could not be exported. */
function tooLong(payloads: SessionPayloads | null): AppError {
  const param = fitsRow(payloads) ? 'stage_durations_ms' : 'payloads';
  return new AppError(
    'validation_failed',
    `${param}: payloads and stage_durations_ms may have ${END_LIMIT} bytes together as canonical JSON, in which 1e20 has 21 digits: send less, or long numbers as texts.`,
    { param },
  );
}

function readPayloads({ request = null, masked = null, response = null }: Partial<SessionPayloads>) {
  return { request, masked, response };
}

/** What an earlier end stated otherwise, which stands; null for nothing. */
function findOther(ended: Session, { endedAt, status, stageDurationsMs = [] }: CloseFacts): string | null {
  const fields: [name: string, stored: unknown, stated: unknown][] = [
    ['ended_at', ended.endedAt?.getTime(), endedAt.getTime()],
    ['status', ended.status, status],
    ['stage_durations_ms', asText(ended.stageDurationsMs), asText(stageDurationsMs)],
  ];
  return fields.find(([, stored, stated]) => stored !== stated)?.[0] ?? null;
}

function endedOtherwise(param: string): AppError {
  return new AppError('session_closed', `The session has ended with another ${param}: that stands.`, {
    param,
  });
}

function asText(durations: Session['stageDurationsMs']): string {
  return canonicalize(new Map(durations));
}
