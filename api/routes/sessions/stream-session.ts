// Writes a session's page while its log is read, so memory does not grow with the log. The counts and the verdict need
// the whole log, so they follow the events.
import { Readable } from 'node:stream';
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { explainUnverifiable, verdictName } from '../../../shared/audit/verdict.ts';
import { noSession, type SessionPage } from '../../../workers/reports/pool.ts';
import type { Actor, ApiDeps } from '../../http/context.ts';
import { presentSessionHead } from './present.ts';

type PageDeps = Pick<ApiDeps, 'pool' | 'recordOutcome'>;

const NO_PAYLOADS = '{"masked":null,"request":null,"response":null}';

/** What a page tells of payloads: where its reader may not see them, it does not even tell whether there are any. */
const TELLS = { withheld: '"payloads_withheld":true', shown: '"payloads_withheld":false' } as const;

export type OpenedPage = Readonly<{ body: Readable; showsPayloads: boolean }>;

/**
 * Resolves when the page has begun, so a missing session and a full queue are still answered with an error. Throws
 * `session_not_found`, and what the pool throws.
 */
export async function streamSession(
  deps: PageDeps,
  { accountId, permissions }: Pick<Actor, 'accountId' | 'permissions'>,
  sessionId: string | null,
  signal: AbortSignal,
): Promise<OpenedPage> {
  const withPayloads = permissions.includes('payloads:read');
  const options = { signal, withPayloads };
  const page = sessionId === null ? null : await deps.pool.openPage({ accountId, sessionId }, options);
  if (!page) throw noSession();
  let head: string;
  try {
    head = JSON.stringify(presentSessionHead(page.found.session, page.facts.agentName));
  } catch (error) {
    // A damaged row is still answered with an error, which a stream that has begun could not send.
    await page.events[Symbol.asyncIterator]().return?.();
    throw error;
  }
  const tells = withPayloads ? TELLS.shown : TELLS.withheld;
  return {
    body: Readable.from(writeSession(deps, page, { head, tells }), { objectMode: false }),
    showsPayloads: page.facts.payloadsJson !== null,
  };
}

async function* writeSession(
  { recordOutcome }: PageDeps,
  { found, facts, events, verdict: known, outcome }: SessionPage,
  { head, tells }: Readonly<{ head: string; tells: string }>,
): AsyncGenerator<string | Uint8Array> {
  const { session } = found;
  // Recorded as soon as it is known: a reader may leave before the last event.
  const recorded = known.then((verdict) => recordOutcome(found, verdict));
  recorded.catch(() => {});
  yield `{"session":${head.slice(0, -1)},"events":[`;
  yield* events;
  const { verdict, counts } = await outcome;
  await recorded;
  const tail = {
    redaction_count: counts.redactionCount,
    // A Map, since any name is legal for a kind.
    redactions_by_kind: new Map(counts.redactionsByKind),
    merkle_root_hex: session.merkleRootHex,
    log_verdict: verdictName(verdict),
    log_problem: verdict.status === 'unverifiable' ? explainUnverifiable(verdict) : null,
  };
  yield `],"payloads":${facts.payloadsJson ?? NO_PAYLOADS},${tells},${canonicalize(tail).slice(1, -1)}}}`;
}
