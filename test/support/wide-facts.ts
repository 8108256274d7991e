// Facts of reports over many sessions that are imagined, for tests of what is made from them.
import { hash } from 'node:crypto';
import type { LogCounts } from '../../shared/audit/verdict.ts';
import type { SessionException, WalkedSession, WindowFacts } from '../../shared/reports/window-facts.ts';
import { mustParse, policyFile } from './policies.ts';
import { LOGGING_POLICY } from './report-facts.ts';

const ACCOUNT = 'acc_01KQGDBJ0084G7ZWYRD6Z1RV0W';
const SINCE = new Date('2026-09-01T00:00:00Z');
const UNTIL = new Date('2026-10-01T00:00:00Z');
const AGENTS = 12;

const digits = (value: number, length: number) => String(value).padStart(length, '0');
const agentId = (i: number) => `agt_01KQGDBJ00H0R8DV3YQCTZ${digits(i % AGENTS, 4)}`;
export const wideSessionId = (i: number) => `sess_01KQGDBJ00H0R8DV3YQC${digits(i, 6)}`;

function walked(i: number, total: number): WalkedSession {
  const text = policyFile('healthcare-default@1');
  const { name, version } = mustParse(text);
  const start = SINCE.getTime() + Math.floor((i * (UNTIL.getTime() - SINCE.getTime())) / total);
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    id: wideSessionId(i),
    agentId: agentId(i),
    startedAt: at(start),
    endedAt: at(start + 60_000),
    status: i % 17 === 0 ? 'error' : 'ok',
    policy: { name, version, sha256Hex: hash('sha256', text) },
    readAt: '2026-10-02T08:00:00.000Z',
    size: 40,
    rootHex: hash('sha256', `${i}`),
    state: i % 29 === 28 ? 'unsealed' : 'sealed',
    keyId: 'k_test',
    redactionCount: 30,
    wasReloaded: false,
    firstTs: at(start),
    lastTs: at(start + 50_000),
    timeAlerts: [],
    logIndex: null,
  };
}

/** A month of `total` sessions, of which the first `failed` logs failed and one more could not be checked, if any did. */
export function wideFacts(total: number, failed = 0): WindowFacts {
  const all = Array.from({ length: total }, (_, i) => walked(i, total));
  const wrong = failed > 0 ? failed + 1 : 0;
  const sessions = all.slice(wrong);
  const exceptions = all.slice(0, wrong).map(
    ({ id, agentId, startedAt }, i): SessionException => ({
      ...{ id, agentId, startedAt },
      verdict:
        i < failed
          ? { status: 'failed', fault: 'altered', seq: i, expected: null, calculated: null }
          : { status: 'unverifiable', reason: 'unknown_key', keyId: 'k_lost' },
    }),
  );
  const counts: LogCounts = {
    redactionCount: 30 * sessions.length,
    redactionsByKind:
      sessions.length === 0
        ? []
        : [
            ['NAME', 20 * sessions.length],
            ['SSN', 10 * sessions.length],
          ],
    redactionsByPass: sessions.length === 0 ? [] : [['regex', 30 * sessions.length]],
    rehydrationFailureCount: 0,
    otherKinds: [],
  };
  const text = policyFile('healthcare-default@1');
  const sha256Hex = hash('sha256', text);
  const { name, version } = mustParse(text);
  return {
    id: 'rep_01KQN89WGRBPJ4AAGAHJXMZY71',
    generatedAt: new Date('2026-10-02T08:00:01Z'),
    subject: { scope: 'account', window: { since: SINCE, until: UNTIL, tz: 'UTC', period: '2026-09' } },
    exceptionsRule: failed > 0 ? 'list' : 'refuse',
    account: { id: ACCOUNT, name: 'Clinic of the north' },
    issuedTo: { id: 'usr_01KQGDBJ00H0R8DV3YQCTZ0001', name: 'Ada Auditor' },
    agentNames: new Map(Array.from({ length: AGENTS }, (_, i) => [agentId(i), `desk ${i}`])),
    walked: { sessions, exceptions, gone: [], counts, namedBy: [], rehydrationFailures: [] },
    counted: {
      before: { sessions: total, at: new Date('2026-10-02T07:59:00Z') },
      after: { sessions: total, at: new Date('2026-10-02T08:00:00Z') },
    },
    policies: new Map([[sha256Hex, { name, version, text, sha256Hex }]]),
    sampled: sessions.slice(0, 20).map(({ id }) => ({ id, payloads: null })),
    baaChainText: null,
    accountLog: null,
  };
}

const letters = (i: number) => String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26));
const SAID = 'The caller asked to move the visit, and gave a name that was masked. '.repeat(30);

/** 62 days of 10,000 sessions with more of everything than the pages have rows for. */
export function crowdedFacts(): WindowFacts {
  const facts = wideFacts(10_000, 2000);
  const policies = Array.from({ length: 80 }, (_, i) => {
    const text = LOGGING_POLICY.replace(/^version: .*$/m, `version: ${i + 1}`) + '# note\n'.repeat(400);
    return { name: mustParse(text).name, version: i + 1, text, sha256Hex: hash('sha256', text) };
  });
  const sessions = facts.walked.sessions.map((session, i): WalkedSession => {
    const { text: _, ...policy } = policies[i % policies.length] as (typeof policies)[number];
    return {
      ...session,
      policy,
      agentId: `agt_01KQGDBJ00H0R8DV3YQCTZ${digits(i % 200, 4)}`,
      keyId: `k_${i % 150}`,
    };
  });
  const kinds = Array.from({ length: 150 }, (_, i) => [`kind_${letters(i)}`, 1] as const);
  const counts: LogCounts = {
    redactionCount: kinds.length,
    redactionsByKind: kinds,
    redactionsByPass: kinds,
    rehydrationFailureCount: 1000,
    otherKinds: kinds,
  };
  const rehydrationFailures = sessions.slice(0, 1000).map(({ id }, i) => ({
    sessionId: id,
    ...{ id: `evt_01KQGDBJ00H0R8DV3YQC${digits(i, 6)}`, seq: i, ts: '2026-09-02T08:00:00.000Z' },
    ...{ kind: 'rehydration_failed' },
    ...{ pass: null, entityKind: 'NAME' },
  }));
  const said = (name: string) => ({ messages: [{ role: 'user', content: `This is ${name}. ${SAID}` }] });
  const window = { ...facts.subject.window, until: new Date('2026-11-02T00:00:00Z'), period: null };
  return {
    ...facts,
    subject: { scope: 'account', window },
    agentNames: new Map(
      sessions.map(({ agentId }) => [agentId, 'Desk of the long corridor in the north wing '.repeat(5)]),
    ),
    policies: new Map(policies.map((policy) => [policy.sha256Hex, policy])),
    walked: { ...facts.walked, sessions, counts, rehydrationFailures },
    sampled: sessions.slice(0, 20).map(({ id }) => ({
      id,
      payloads: { request: said('Jane Roe'), masked: said('[NAME_1]'), response: null },
    })),
  };
}
