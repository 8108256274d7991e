// Reports on sessions of the corpus, composed by the service's own code, with their statements and attachments.
import type { JsonValue } from '../../../shared/audit/canonical-json.ts';
import type { ListedEvent, VerifiedLog } from '../../../shared/audit/verdict.ts';
import type { EvidenceMissing, SessionEvidenceFacts } from '../../../shared/reports/account-log.ts';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import { timesOf } from '../entry-times.ts';
import { factsOf } from '../report-facts.ts';
import { type Evidence, evidenceOf, LOG_KEY, ORIGIN } from './account-log.ts';
import { type Changes, edit } from './json-edit.ts';
import { type NoteKey, noteOf } from './keys.ts';
import { AUDIT_KEY, type CorpusSession, POLICY, POLICY_TEXT } from './sessions.ts';
import { base64, sha256 } from './trees.ts';

/** A report with what stands beside it. */
export type ReportParts = Readonly<{
  session: CorpusSession;
  json: Buffer;
  note: string | null;
  /** Null where the entries are not attached. */
  entries: Buffer | null;
  evidence: Evidence | null;
}>;

export type ReportTraits = Readonly<{
  session: CorpusSession;
  /** By default that of the log. */
  evidence?: Evidence | null;
  missing?: 'open' | 'not logged yet' | 'no log' | null;
  /** Changes to the report, made before it is signed. */
  report?: Changes;
  /** A change of the JSON's bytes, made before they are signed. */
  bytes?: (json: Buffer) => Buffer;
  key?: NoteKey | null;
  /** What the entries are attached as. */
  entries?: (texts: readonly string[]) => readonly string[] | Buffer | null;
  reportId?: string;
}>;

export const GENERATED_AT = '2026-05-03T21:30:11Z';
export const REPORT_ID = 'rep_01KQN89WGRBPJ4AAGAHJXMZY71';

/** The report as it would be issued on the session, and with the changes that a case is about. */
export function makeReport(traits: ReportTraits): ReportParts {
  const { session, key = LOG_KEY } = traits;
  const evidence = traits.evidence === undefined ? logged(session) : traits.evidence;
  const missing = traits.missing ?? (evidence ? null : session.endedAt === null ? 'open' : 'not logged yet');
  const changes = Object.entries(traits.report ?? {}).map(
    ([path, change]) => [`report.${path}`, change] as const,
  );
  const whole = edit(
    composed(session, traits.reportId ?? REPORT_ID, evidence, missing),
    Object.fromEntries(changes),
  );
  const bytes = (traits.bytes ?? ((same) => same))(Buffer.from(whole));
  const attached = (traits.entries ?? ((texts) => texts))(session.entries);
  return {
    session,
    json: bytes,
    note: key === null ? null : statementOf(bytes, key),
    entries:
      attached === null || Buffer.isBuffer(attached) ? attached : ndjson(attached as readonly string[]),
    evidence,
  };
}

function logged(session: CorpusSession): Evidence | null {
  return session.endedAt === null ? null : evidenceOf(session);
}

export const ndjson = (texts: readonly string[]): Buffer =>
  Buffer.from(texts.map((text) => `${text}\n`).join(''));

/** The lines of a statement over these bytes. */
export function statementLines(report: Buffer, origin = ORIGIN): string[] {
  const text = report.toString('utf8');
  const member = (name: string) =>
    new RegExp(`"${name}":"([^"]*)","`).exec(text.slice(text.lastIndexOf('"events_total"')))?.[1];
  const [id, generatedAt] = idAndTime(report) ?? [member('id') ?? REPORT_ID, GENERATED_AT];
  return ['masker-evidence/report/v1', id, base64(sha256(report)), generatedAt, origin];
}

function idAndTime(report: Buffer): [string, string] | null {
  try {
    const { report: parsed } = JSON.parse(report.toString('utf8')) as { report: Record<string, string> };
    return [parsed.id as string, parsed.generated_at as string];
  } catch {
    return null;
  }
}

export function statementOf(report: Buffer, key: NoteKey, lines = statementLines(report, key.name)): string {
  const text = `${lines.join('\n')}\n`;
  return noteOf(text, key.line(text));
}

const composedOnce = new Map<string, string>();

function composed(
  session: CorpusSession,
  id: string,
  evidence: Evidence | null,
  evidenceMissing: EvidenceMissing | null,
): string {
  const name = JSON.stringify([session, id, evidence, evidenceMissing]);
  const known = composedOnce.get(name);
  if (known !== undefined) return known;
  const verdict = verdictOf(session);
  const result = composeReport(
    factsOf({
      id,
      generatedAt: new Date(GENERATED_AT),
      account: { id: session.accountId, name: 'Riverside Clinic' },
      agent: { id: session.agentId, name: 'Front desk' },
      policyText: POLICY_TEXT,
      session: {
        id: session.id,
        accountId: session.accountId,
        agentId: session.agentId,
        startedAt: new Date(session.startedAt),
        endedAt: session.endedAt === null ? null : new Date(session.endedAt),
        status: session.status,
        policySha256Hex: POLICY.sha256Hex,
        log: {
          size: session.entries.length,
          headHashHex: session.headHash,
          keyId: AUDIT_KEY.id,
          keyCheck: '60eed00b02754db7',
          seal: session.seal,
        },
      },
      verdict,
      evidence: evidence && evidenceFacts(evidence),
      evidenceMissing,
    }),
  );
  if (!result.ok) throw new Error(result.problem);
  composedOnce.set(name, result.json);
  return result.json;
}

function evidenceFacts(evidence: Evidence): SessionEvidenceFacts {
  return {
    checkpoint: evidence.checkpoint,
    inclusion: evidence.inclusion.map((hash) => Buffer.from(hash, 'base64')),
    logIndex: evidence.log_index,
    logSize: evidence.log_size,
    origin: evidence.origin,
    sessionClosed: evidence.session_closed,
    verifierKey: evidence.verifier_key,
  };
}

type ParsedEntry = Readonly<{
  event_id: string;
  seq: number;
  kind: string;
  pass?: string;
  entity_kind?: string;
  ts: string;
}>;

const parsed = (entries: readonly string[]) => entries.map((text) => JSON.parse(text) as ParsedEntry);

function countBy(names: readonly (string | undefined)[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) if (typeof name === 'string') counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The figures of these entries. */
export function countsOf(texts: readonly string[]): VerifiedLog['counts'] {
  const entries = parsed(texts);
  const redactions = entries.filter(({ kind }) => kind === 'redaction');
  const known = ['redaction', 'rehydration_failed'];
  return {
    redactionCount: redactions.length,
    redactionsByKind: countBy(redactions.map((entry) => entry.entity_kind)),
    redactionsByPass: countBy(redactions.map((entry) => entry.pass)),
    rehydrationFailureCount: entries.filter(({ kind }) => kind === 'rehydration_failed').length,
    otherKinds: countBy(entries.map(({ kind }) => (known.includes(kind) ? undefined : kind))),
  };
}

function verdictOf(session: CorpusSession): Partial<VerifiedLog> {
  const entries = parsed(session.entries);
  const events: ListedEvent[] = entries.map((entry) => ({
    id: entry.event_id,
    seq: entry.seq,
    ts: entry.ts,
    kind: entry.kind,
    pass: entry.kind === 'redaction' ? (entry.pass ?? null) : null,
    entityKind: entry.entity_kind ?? null,
  }));
  return {
    state: session.endedAt === null ? 'open' : session.seal === null ? 'unsealed' : 'sealed',
    size: entries.length,
    rootHex: session.rootHex,
    headHashHex: session.headHash,
    keyId: AUDIT_KEY.id,
    times: timesOf(entries.map(({ ts }) => ts)),
    counts: countsOf(session.entries),
    events,
    rehydrationFailures: events.filter(({ kind }) => kind === 'rehydration_failed'),
    policyReloads: entries.filter(({ kind }) => kind === 'policy_reloaded').map(({ seq }) => seq),
  };
}

/** The changes that make a report state the figures of other entries. */
export function statedFigures(texts: readonly string[], rootHex: string, headHash: string): Changes {
  const counts = countsOf(texts);
  const map = (pairs: ReadonlyArray<readonly [string, number]>): JsonValue => new Map(pairs);
  return {
    merkle_root_hex: rootHex,
    'audit_log.event_count': texts.length,
    'audit_log.end_hash': headHash,
    redaction_count: counts.redactionCount,
    redactions_by_kind: map(counts.redactionsByKind),
    redactions_by_pass: map(counts.redactionsByPass),
    events_total: texts.length,
  };
}
