// The demo clinic, computed from its account id alone. The same id gives the same plan, so that an interrupted writing
// can go on. All of it is made up.
import { timeOfId } from '../../shared/audit/ids.ts';
import type { EventDraft } from '../../shared/log-writer/draft.ts';
import type { SessionPayloads, SessionStatus } from '../../shared/sessions/session.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { createRandom, type Random } from './random.ts';

export type DemoAgent = Readonly<{ id: string; name: string; policyName: string }>;

export type DemoSession = Readonly<{
  id: string;
  agent: DemoAgent;
  startedAt: Date;
  endedAt: Date;
  status: SessionStatus;
  upstreamModel: string;
  stageDurationsMs: readonly (readonly [stage: string, durationMs: number])[];
  payloads: SessionPayloads | null;
  /** Made at each call, since the long log has 20,000 events. */
  events(): EventDraft[];
}>;

export const DEMO_SESSION_COUNT = 300;
const LONG_LOG_SIZE = 20_000;
const SPAN_MS = 30 * DAY_MS;

const AGENTS = [
  ['appointment-bot', 'healthcare-default'],
  ['refill-line', 'healthcare-default'],
  ['nurse-triage', 'healthcare-default'],
  ['after-hours', 'healthcare-default'],
  ['front-desk', 'healthcare-default'],
  ['billing-desk', 'billing-strict'],
] as const;
const MODELS = ['gpt-4o-mini', 'claude-haiku-4', 'llama-3.3-70b'];

export function planAgents(accountId: string): DemoAgent[] {
  const random = createRandom(`${accountId}/agents`);
  return AGENTS.map(([name, policyName]) => ({
    id: random.id('agent', createdMs(accountId)),
    name,
    policyName,
  }));
}

/** Sessions of the 30 days before the account was created, oldest first. */
export function planSessions(accountId: string): DemoSession[] {
  const agents = planAgents(accountId);
  return Array.from({ length: DEMO_SESSION_COUNT }, (_, i) => planSession(accountId, agents, i));
}

/** A call that begins now, of the same clinic. */
export function planCall(random: Random, agents: readonly DemoAgent[], startedAt: Date): DemoSession {
  return planSessionOf(random, random.pick(agents), startedAt.getTime(), { size: planSize(random) });
}

/** The demo makes its account itself, so its id bears a time. */
function createdMs(accountId: string): number {
  return timeOfId(accountId) as number;
}

function planSession(accountId: string, agents: readonly DemoAgent[], index: number): DemoSession {
  const random = createRandom(`${accountId}/${index}`);
  const isLong = index === Math.floor(DEMO_SESSION_COUNT / 2);
  const slotMs = SPAN_MS / DEMO_SESSION_COUNT;
  const slotBegin = createdMs(accountId) - SPAN_MS + index * slotMs;
  // The last session ends before the account is created.
  const startedMs = Math.floor(slotBegin + random.next() * (slotMs - 5_000));
  const agent = isLong ? (agents[2] as DemoAgent) : random.pick(agents);
  const long = { size: LONG_LOG_SIZE, upstreamMs: 3_000_000 };
  return planSessionOf(random, agent, startedMs, isLong ? long : { size: planSize(random) });
}

function planSessionOf(
  random: Random,
  agent: DemoAgent,
  startedMs: number,
  { size, upstreamMs = random.whole(350, 1900) }: Readonly<{ size: number; upstreamMs?: number }>,
): DemoSession {
  const stageDurationsMs = [
    ['detection', random.whole(30, 90)],
    ['tokenize', random.whole(1, 9)],
    ['upstream', upstreamMs],
    ['rehydrate', random.whole(1, 8)],
  ] as const;
  const durationMs = stageDurationsMs.reduce((sum, [, ms]) => sum + ms, 0);
  return {
    id: random.id('session', startedMs),
    agent,
    startedAt: new Date(startedMs),
    endedAt: new Date(startedMs + durationMs),
    status: random.weighted([
      ['ok', 90],
      ['partial', 6],
      ['error', 4],
    ]),
    upstreamModel: random.pick(MODELS),
    stageDurationsMs,
    payloads: agent.policyName === 'billing-strict' ? planPayloads(random) : null,
    events: () => planEvents(random, agent, size, startedMs, durationMs),
  };
}

function planSize(random: Random): number {
  const [min, max] = random.weighted([
    [[0, 0] as const, 3],
    [[1, 12] as const, 55],
    [[13, 60] as const, 37],
    [[200, 600] as const, 5],
  ]);
  return random.whole(min, max);
}

const KINDS = {
  'healthcare-default': [
    ['NAME', 24],
    ['DOB', 14],
    ['PHONE', 14],
    ['ADDRESS', 10],
    ['MRN', 12],
    ['ACCOUNT', 8],
    ['EMAIL', 8],
    ['SSN', 6],
    ['IP_ADDRESS', 4],
  ],
  'billing-strict': [
    ['ACCOUNT', 80],
    ['SSN', 20],
  ],
} as const;

const NER_KINDS = new Set<string>(['NAME', 'ADDRESS']);

function planEvents(
  random: Random,
  { policyName }: DemoAgent,
  size: number,
  startedMs: number,
  durationMs: number,
): EventDraft[] {
  const isBilling = policyName === 'billing-strict';
  const kinds = KINDS[isBilling ? 'billing-strict' : 'healthcare-default'];
  const token = { token_kind: 'MSKV1', kid: isBilling ? 'K_BILLING' : 'K_HEALTHCARE' };
  let position = 0;
  return Array.from({ length: size }, (_, i) => {
    const atMs = startedMs + Math.floor(((i + 1) / (size + 1)) * durationMs);
    const entity_kind: string = random.weighted<string>(kinds);
    const common = {
      ts: new Date(atMs).toISOString(),
      event_id: random.id('event', atMs),
      entity_kind,
      ...token,
    };
    if (random.next() < 0.01)
      return { kind: 'rehydration_failed', reason: 'token not found in vault', ...common };
    const begin = position + random.whole(3, 60);
    position = begin + random.whole(4, 24);
    const isNer = !isBilling && (NER_KINDS.has(entity_kind) || random.next() < 0.15);
    const pass = isNer
      ? random.weighted([
          ['gemma', 9],
          ['diarize', 1],
        ])
      : 'regex';
    const confidence = isNer ? random.whole(620, 990) / 1000 : random.whole(900, 1000) / 1000;
    return { kind: 'redaction', pass, span: [begin, position], confidence, ...common };
  });
}

/** A made-up exchange of a policy that logs payloads. */
function planPayloads(random: Random): SessionPayloads {
  const account = String(random.whole(10_000_000, 99_999_999));
  const ask = random.pick(['about my last statement', 'to update my card on file', 'why I was billed twice']);
  return {
    request: { messages: [{ role: 'user', content: `I am calling ${ask}, my account is ${account}.` }] },
    masked: { messages: [{ role: 'user', content: `I am calling ${ask}, my account is [ACCOUNT_1].` }] },
    response: { content: `Thank you, I am looking at account ${account} now.` },
  };
}
