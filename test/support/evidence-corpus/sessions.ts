// The sessions of the corpus: their entries, signed and sealed as the audit format says, by the naive code.
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { naiveSeal, naiveSign } from '../naive-chain.ts';
import { mustParse, policyFile } from '../policies.ts';
import { rootHexOf, sha256 } from './trees.ts';

export const AUDIT_KEY = { id: 'k_corpus', bytes: Buffer.alloc(32, 0x5a) } as const;
export const ACCOUNT = 'acc_01KQN89WGRBPJ4AAGAHJXMZY71';
export const OTHER_ACCOUNT = 'acc_01KQN89WGRBPJ4AAGAHJXMZY72';
export const AGENTS = ['agt_01KQN89WGRBPJ4AAGAHJXMZYA1', 'agt_01KQN89WGRBPJ4AAGAHJXMZYA2'] as const;

export const POLICY_TEXT = policyFile('healthcare-default@1');
export const POLICY = { ...mustParse(POLICY_TEXT), sha256Hex: sha256(POLICY_TEXT).toString('hex') };

/** A session as its row has it, and the canonical texts of its entries. */
export type CorpusSession = Readonly<{
  id: string;
  accountId: string;
  agentId: string;
  startedAt: string;
  endedAt: string | null;
  status: 'ok' | 'error';
  entries: readonly string[];
  headHash: string;
  rootHex: string;
  seal: string | null;
}>;

type Extra = Readonly<Record<string, unknown>>;

const ULID_HEAD = '01KQN89WGRBPJ4AAGAHJXM';
const digits = (value: number, length: number) => String(value).padStart(length, '0');
const START_MS = Date.parse('2026-05-02T21:07:54.520Z');
export const ZEROS = '0'.repeat(64);

const KINDS: readonly Extra[] = [
  { entity_kind: 'NAME', pass: 'gemma', confidence: 0.94 },
  { entity_kind: 'PHONE', pass: 'regex', confidence: 1 },
  { entity_kind: '__proto__', pass: 'gemma', confidence: 1e-7 },
  { kind: 'rehydration_failed', entity_kind: 'NAME', reason: 'unknown token' },
  { entity_kind: '10', pass: 'diarize', confidence: 0, note: { big: 1e21, small: 5e-324, zero: 0 } },
  {
    entity_kind: 'Straße 😀',
    pass: 'gemma',
    confidence: 0.5,
    '\ufb33': 1,
    '😀': [2, '\u2028', '\u007f', '"\\/\b'],
  },
  { kind: 'policy_reloaded' },
];

const REDACTION = { kind: 'redaction', span: [3, 9], token_kind: 'MSKV1', kid: 'K_HEALTHCARE' };

/** Entries that follow each other from `before`, each with these members besides. */
export function writeEntries(
  { id, agentId }: Pick<CorpusSession, 'id' | 'agentId'>,
  extras: readonly Extra[],
  before: readonly string[] = [],
): string[] {
  const entries = [...before];
  for (const extra of extras) {
    const seq = entries.length;
    const kind = (extra.kind ?? 'redaction') as string;
    entries.push(
      naiveSign(AUDIT_KEY.bytes, {
        ...(kind === 'redaction' ? REDACTION : {}),
        ...(kind === 'rehydration_failed' ? { token_kind: 'MSKV1', kid: 'K_HEALTHCARE' } : {}),
        ...{ seq, kind, session_id: id, agent_id: agentId },
        event_id: `evt_${ULID_HEAD}${id.slice(-2)}${digits(seq, 2)}`,
        ts: new Date(START_MS + seq * 37).toISOString(),
        prev_hash: headHashOf(entries),
        ...extra,
      }),
    );
  }
  return entries;
}

export function headHashOf(entries: readonly string[]): string {
  const last = entries.at(-1);
  return last === undefined ? ZEROS : (JSON.parse(last) as { this_hash: string }).this_hash;
}

export type SessionTraits = Readonly<{
  name: string;
  size: number;
  agent?: 0 | 1;
  state?: 'sealed' | 'unsealed' | 'open';
  status?: 'ok' | 'error';
  accountId?: string;
  entries?: readonly string[];
}>;

/** `name` is two digits of its id. */
export function makeSession({
  name,
  size,
  agent = 0,
  state = 'sealed',
  ...rest
}: SessionTraits): CorpusSession {
  const id = `sess_${ULID_HEAD}${digits(0, 2)}${name}`;
  const agentId = AGENTS[agent];
  const extras = Array.from({ length: size }, (_, i) => KINDS[i % KINDS.length] as Extra);
  const entries = rest.entries ?? writeEntries({ id, agentId }, extras);
  const session = {
    ...{ id, agentId, entries },
    accountId: rest.accountId ?? ACCOUNT,
    startedAt: new Date(START_MS).toISOString(),
    // A whole second: reports write it without milliseconds, and seals with them.
    endedAt: state === 'open' ? null : '2026-05-02T21:08:11.000Z',
    status: rest.status ?? 'ok',
    headHash: headHashOf(entries),
    rootHex: rootHexOf(entries),
  } as const;
  return { ...session, seal: state === 'sealed' ? naiveSeal(AUDIT_KEY.bytes, sealedFacts(session)) : null };
}

/** What a seal covers, by its names. */
export function sealedFacts(session: Omit<CorpusSession, 'seal'>): Record<string, unknown> {
  return {
    account_id: session.accountId,
    agent_id: session.agentId,
    ended_at: session.endedAt,
    head_hash: session.headHash,
    key_id: AUDIT_KEY.id,
    merkle_root_hex: session.rootHex,
    policy_sha256: POLICY.sha256Hex,
    session_id: session.id,
    size: session.entries.length,
    started_at: session.startedAt,
    status: session.status,
  };
}

/** The account log's entry on a closed session. */
export function closedText(session: CorpusSession): string {
  return canonicalize({ kind: 'session_closed', seal: session.seal, ...sealedFacts(session) });
}

/** The sessions that most cases are about, and those that a window holds. */
export const SESSIONS = {
  sealed: makeSession({ name: '01', size: 7 }),
  unsealed: makeSession({ name: '02', size: 5, state: 'unsealed', status: 'error' }),
  open: makeSession({ name: '03', size: 4, state: 'open' }),
  empty: makeSession({ name: '04', size: 0, agent: 1 }),
  single: makeSession({ name: '05', size: 1, agent: 1 }),
  long: makeSession({ name: '06', size: 13, agent: 1 }),
} as const satisfies Record<string, CorpusSession>;
