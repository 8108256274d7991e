// Reports on many sessions of the corpus, with the account log's lines and their multiproof.
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { composeWideReport } from '../../../shared/reports/compose-wide.ts';
import type { WalkedSession, WindowFacts } from '../../../shared/reports/window-facts.ts';
import { checkpointOf, LOG_KEY, linesOf, logOf, ORIGIN } from './account-log.ts';
import { pdfOf } from './containers.ts';
import { type Changes, edit, editValue, json } from './json-edit.ts';
import type { NoteKey } from './keys.ts';
import type { AttachedFile } from './plain-pdf.ts';
import { countsOf, ndjson, statementOf } from './session-reports.ts';
import {
  ACCOUNT,
  AGENTS,
  AUDIT_KEY,
  type CorpusSession,
  closedText,
  makeSession,
  POLICY,
  POLICY_TEXT,
  SESSIONS,
} from './sessions.ts';

export type WideParts = Readonly<{
  name: string;
  json: Buffer;
  note: string | null;
  lines: Buffer | null;
  multiproof: Buffer | null;
}>;

export type WideTraits = Readonly<{
  scope?: 'agent' | 'account';
  sessions?: readonly CorpusSession[];
  log?: readonly string[];
  keys?: readonly NoteKey[];
  noLog?: boolean;
  /** Sessions whose row has no index, and no line. */
  unlogged?: readonly CorpusSession[];
  /** Sessions whose row has an index, and no line. */
  unlined?: readonly CorpusSession[];
  report?: Changes;
  key?: NoteKey | null;
  lines?: (lines: readonly string[]) => readonly string[] | Buffer;
  multiproof?: Changes;
  multiproofBytes?: (bytes: Buffer) => Buffer;
}>;

/** The sessions of a window whose closed ones are all sealed, and the log that holds them. */
export const WIDE_SESSIONS: readonly CorpusSession[] = Object.values({
  ...SESSIONS,
  unsealed: makeSession({ name: '02', size: 5, status: 'error' }),
});
export const WIDE_LOG: readonly string[] = logOf(WIDE_SESSIONS);

export function makeWide(traits: WideTraits = {}): WideParts {
  const { scope = 'account', log = WIDE_LOG, key = LOG_KEY, noLog = false } = traits;
  const sessions =
    traits.sessions ?? WIDE_SESSIONS.filter(({ agentId }) => scope === 'account' || agentId === AGENTS[0]);
  const indexOf = (session: CorpusSession) => {
    const isOut = noLog || session.endedAt === null || traits.unlogged?.includes(session);
    return isOut ? null : log.indexOf(closedText(session));
  };
  const evidence = {
    checkpoint: checkpointOf(log, traits.keys),
    logSize: log.length,
    origin: ORIGIN,
    verifierKey: (traits.keys?.[0] ?? LOG_KEY).vkey,
  };
  const facts = factsOf(scope, sessions);
  const rows = sessions.map((session) => walked(session, indexOf(session)));
  const composed = composeWideReport({
    ...facts,
    walked: { ...facts.walked, sessions: rows },
    accountLog: noLog ? null : { evidence, entriesInWindow: sessions.length, missing: [] },
  });
  if (!composed.ok) throw new Error(composed.problem);
  const lined = sessions.filter((session) => !traits.unlined?.includes(session)).map(indexOf);
  const indexes = lined.filter((index) => index !== null).sort((a, b) => a - b);
  const { lines, multiproof } = linesOf(log, indexes);
  const changes = Object.entries(traits.report ?? {}).map(
    ([path, change]) => [`report.${path}`, change] as const,
  );
  const report = Buffer.from(edit(composed.json, Object.fromEntries(changes)));
  const attached = (traits.lines ?? ((same) => same))(lines);
  const proof = Buffer.from(
    canonicalize(new Map([['multiproof', editValue(json(multiproof), traits.multiproof ?? {})]])),
  );
  return {
    name: `masker-${scope}-${scope === 'agent' ? AGENTS[0] : ACCOUNT}-2026-05.json`,
    json: report,
    note: key === null ? null : statementOf(report, key),
    lines: noLog ? null : Buffer.isBuffer(attached) ? attached : ndjson(attached as readonly string[]),
    multiproof: noLog ? null : (traits.multiproofBytes ?? ((same) => same))(proof),
  };
}

export function wideFiles({ name, json: bytes, note, lines, multiproof }: WideParts): AttachedFile[] {
  return [
    { name, bytes },
    ...(note === null ? [] : [{ name: 'report.note', bytes: Buffer.from(note) }]),
    ...(multiproof === null ? [] : [{ name: 'session_closed.multiproof.json', bytes: multiproof }]),
    ...(lines === null ? [] : [{ name: 'session_closed.ndjson', bytes: lines }]),
  ];
}

export function widePdf(
  parts: WideParts,
  change: (files: AttachedFile[]) => AttachedFile[] = (same) => same,
): Buffer {
  return pdfOf(change(wideFiles(parts)));
}

function factsOf(scope: 'agent' | 'account', sessions: readonly CorpusSession[]): WindowFacts {
  const [since, until] = [new Date('2026-05-01T00:00:00Z'), new Date('2026-06-01T00:00:00Z')];
  const window = { since, until, tz: 'UTC', period: '2026-05' };
  const at = new Date('2026-06-02T08:00:00Z');
  const counted = { sessions: sessions.length, at };
  const { name, version, sha256Hex } = POLICY;
  return {
    id: 'rep_01KQN89WGRBPJ4AAGAHJXMZY73',
    generatedAt: new Date('2026-06-02T08:00:01Z'),
    subject: scope === 'agent' ? { scope, agentId: AGENTS[0], window } : { scope, window },
    exceptionsRule: 'refuse',
    account: { id: ACCOUNT, name: 'Riverside Clinic' },
    issuedTo: { id: 'usr_1', name: 'Ada Auditor' },
    agentNames: new Map(AGENTS.map((id, i) => [id, `desk ${i}`])),
    walked: {
      sessions: [],
      exceptions: [],
      gone: [],
      counts: countsOf(sessions.flatMap(({ entries }) => entries)),
      namedBy: [],
      rehydrationFailures: [],
    },
    counted: { before: counted, after: counted },
    policies: new Map([[sha256Hex, { name, version, text: POLICY_TEXT, sha256Hex }]]),
    sampled: [],
    baaChainText: null,
    accountLog: null,
  };
}

function walked(session: CorpusSession, logIndex: number | null): WalkedSession {
  const { name, version, sha256Hex } = POLICY;
  return {
    id: session.id,
    agentId: session.agentId,
    startedAt: session.startedAt,
    endedAt: session.endedAt,
    status: session.status,
    policy: { name, version, sha256Hex },
    readAt: '2026-06-02T08:00:00.000Z',
    size: session.entries.length,
    rootHex: session.rootHex,
    state: session.endedAt === null ? 'open' : session.seal === null ? 'unsealed' : 'sealed',
    keyId: AUDIT_KEY.id,
    redactionCount: countsOf(session.entries).redactionCount,
    wasReloaded: false,
    firstTs: null,
    lastTs: null,
    timeAlerts: [],
    logIndex,
  };
}
