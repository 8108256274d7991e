// Facts of a session's report, believable and whole; a test changes what it is about.
import { hash } from 'node:crypto';
import type { ListedEvent, VerifiedLog } from '../../shared/audit/verdict.ts';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import { timesOf } from './entry-times.ts';
import { mustParse, policyFile } from './policies.ts';

const ULID = '01KQN89WGRBPJ4AAGAHJXMZY71';
export const ASKER = { id: `usr_${ULID}`, name: 'Ada Auditor' };
export const HASH_HEX = 'f3a2'.repeat(16);

export type FactsChange = Partial<Omit<ReportFacts, 'policy' | 'session' | 'verdict'>> & {
  policyText?: string;
  session?: Partial<ReportFacts['session']>;
  verdict?: Partial<VerifiedLog>;
};

export function factsOf(change: FactsChange = {}): ReportFacts {
  const { policyText: text = policyFile('healthcare-default@1'), session, verdict, ...rest } = change;
  const policy = storedPolicy(text);
  const log = verdictOf(verdict);
  return {
    id: `rep_${ULID}`,
    generatedAt: new Date('2026-05-03T21:30:11Z'),
    account: { id: `acc_${ULID}`, name: 'Riverside Clinic' },
    agent: { id: `agt_${ULID}`, name: 'Köln Empfang 日本' },
    issuedTo: ASKER,
    payloads: null,
    baaChainText: null,
    evidence: null,
    evidenceMissing: 'no log',
    ...rest,
    policy,
    verdict: log,
    session: {
      id: `sess_${ULID}`,
      accountId: `acc_${ULID}`,
      agentId: `agt_${ULID}`,
      startedAt: new Date('2026-05-02T21:07:54.520Z'),
      endedAt: new Date('2026-05-02T21:07:55Z'),
      status: 'ok',
      upstreamModel: 'claude-haiku-4',
      externalId: 'call-7',
      aggregate: {
        redactionCount: 0,
        redactionsByKind: [],
        redactionsByPass: [],
        rehydrationFailureCount: 0,
        throughSeq: -1,
      },
      policyName: policy.name,
      policyVersion: policy.version,
      policySha256Hex: policy.sha256Hex,
      stageDurationsMs: [['detection', 78]],
      log: {
        size: log.size,
        headHashHex: HASH_HEX,
        keyId: 'k1',
        keyCheck: '60eed00b02754db7',
        seal: HASH_HEX,
      },
      merkleRootHex: null,
      merkleRootSize: null,
      ...session,
    },
  };
}

const policies = new Map<string, ReportFacts['policy']>();

/** Each text is read once: property tests make facts by the thousand. */
function storedPolicy(text: string): ReportFacts['policy'] {
  let policy = policies.get(text);
  if (policy === undefined) {
    const { name, version } = mustParse(text);
    policy = { name, version, text, sha256Hex: hash('sha256', text) };
    policies.set(text, policy);
  }
  return policy;
}

const FIRST_TS = Date.parse('2026-05-02T21:07:54.520Z');

export function listedEvent(seq: number, change: Partial<ListedEvent> = {}): ListedEvent {
  const id = `evt_${ULID.slice(0, -4)}${String(seq).padStart(4, '0')}`;
  const ts = new Date(FIRST_TS + seq * 137).toISOString();
  return { id, seq, ts, kind: 'redaction', pass: 'gemma', entityKind: 'NAME', ...change };
}

/** A billing policy that logs payloads and passes nothing through. */
export const LOGGING_POLICY = policyFile('billing-strict@3').replace('passthrough', 'tokenize');

/** Payloads whose masked form replaced the given originals, one message each. */
export function payloadsOf(...originals: readonly string[]): ReportFacts['payloads'] {
  const messages = (text: (original: string, index: number) => string) => ({
    messages: originals.map((original, index) => ({
      role: 'user',
      content: `This is ${text(original, index)}.`,
    })),
  });
  return {
    request: messages((original) => original),
    masked: messages((_, index) => `[NAME_${index + 1}]`),
    response: null,
  };
}

function verdictOf(change: Partial<VerifiedLog> = {}): VerifiedLog {
  const failure = listedEvent(2, { kind: 'rehydration_failed', pass: null, entityKind: 'PHONE' });
  return {
    status: 'verified',
    state: 'sealed',
    size: 3,
    rootHex: HASH_HEX,
    headHashHex: HASH_HEX,
    keyId: 'k1',
    anchors: [],
    times: timesOf(['2026-05-02T21:07:54.520Z', '2026-05-02T21:07:54.800Z', '2026-05-02T21:07:55.000Z']),
    counts: {
      redactionCount: 2,
      redactionsByKind: [
        ['NAME', 1],
        ['PHONE', 1],
      ],
      redactionsByPass: [
        ['gemma', 1],
        ['regex', 1],
      ],
      rehydrationFailureCount: 1,
      otherKinds: [],
    },
    events: [listedEvent(0), listedEvent(1, { pass: 'regex', entityKind: 'PHONE' }), failure],
    rehydrationFailures: [failure],
    policyReloads: [],
    ...change,
  };
}
