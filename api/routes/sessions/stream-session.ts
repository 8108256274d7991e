// A session's page, written while its log is read: memory stays flat however long the log is. What only the whole walk
// knows, the counts and the verdict, follows the events.
import { Readable } from 'node:stream';
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { type LogCounts, type LogVerdict, verdictName } from '../../../shared/audit/verdict.ts';
import { parsePolicy } from '../../../shared/policy/parse-policy.ts';
import type { Session, SessionPayloads } from '../../../shared/sessions/session.ts';
import type { ApiDeps } from '../../http/context.ts';
import { presentSessionHead } from './present.ts';

const NO_PAYLOADS: SessionPayloads = { request: null, masked: null, response: null };

type Walk = Readonly<{
  chunks: AsyncIterable<Uint8Array>;
  verdict: Promise<LogVerdict>;
  counts: Promise<LogCounts>;
}>;

/** Resolves when the first events are there, so that a pool with no room is still an answer of its own. */
export async function streamSession(
  deps: Pick<ApiDeps, 'sessions' | 'agents' | 'policies' | 'ledger' | 'pool'>,
  session: Session,
  signal: AbortSignal,
): Promise<Readable> {
  const { accountId, agentId } = session;
  const [names, payloads, lastReported] = await Promise.all([
    deps.agents.namesById(accountId, [agentId]),
    findPayloads(deps, session),
    deps.ledger.lastRoot(accountId, session.id),
  ]);
  const walk = deps.pool.streamEvents(session, { signal, lastReported });
  // A walk that breaks off rejects these as well, when nobody waits for them any more.
  for (const outcome of [walk.verdict, walk.counts]) outcome.catch(() => {});

  const head = presentSessionHead(session, names.get(agentId) ?? agentId);
  const text = writeSession(head, await startEarly(walk), payloads ?? NO_PAYLOADS, session.merkleRootHex);
  return Readable.from(text, { objectMode: false });
}

/** Payloads are stored only where the policy in force allowed it; that it did is checked again before one is shown. */
async function findPayloads(
  { policies, sessions }: Pick<ApiDeps, 'policies' | 'sessions'>,
  session: Session,
): Promise<SessionPayloads | null> {
  const policy = await policies.find(session.accountId, session.policySha256Hex);
  const parsed = policy && parsePolicy(policy.text);
  if (!parsed?.ok || !parsed.policy.audit.logPayloads) return null;
  return sessions.findPayloads(session.accountId, session.id);
}

async function startEarly(walk: Walk): Promise<Walk> {
  const iterator = walk.chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* resume() {
    if (first.done) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { ...walk, chunks: resume() };
}

async function* writeSession(
  head: object,
  { chunks, verdict, counts }: Walk,
  payloads: SessionPayloads,
  merkleRootHex: string | null,
): AsyncGenerator<string | Uint8Array> {
  yield `{"session":${JSON.stringify(head).slice(0, -1)},"events":[`;
  yield* chunks;
  const { redactionCount, redactionsByKind } = await counts;
  const tail = {
    payloads,
    redaction_count: redactionCount,
    // A Map, since any name is legal for a kind.
    redactions_by_kind: new Map(redactionsByKind),
    merkle_root_hex: merkleRootHex,
    log_verdict: verdictName(await verdict),
  };
  const members = Object.entries(tail).map(([name, value]) => `"${name}":${canonicalize(value)}`);
  yield `],${members.join(',')}}}`;
}
