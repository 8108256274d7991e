// Entries, rows and members of reports with one thing wrong that a single check sees. All that is computed over them fits.
import { canonicalize, type JsonValue } from '../../../shared/audit/canonical-json.ts';
import { evidenceOf, logOf } from './account-log.ts';
import { type CorpusCase, KEY, MACS, oneCase } from './case.ts';
import { sessionPdf } from './containers.ts';
import { eventProof, rangeProof } from './event-proofs.ts';
import { edit, json, less, more, otherId } from './json-edit.ts';
import { bothOf, changedText, logged } from './logged-evidence.ts';
import { countsOf, makeReport, type ReportParts, statedFigures } from './session-reports.ts';
import { AGENTS, type CorpusSession, makeSession, SESSIONS, writeEntries } from './sessions.ts';
import { rootHexOf, sha256 } from './trees.ts';
import { makeWide, type WideTraits, widePdf } from './wide-reports.ts';

const { sealed, empty } = SESSIONS;
const bothOfWide = (traits: WideTraits) => bothOf(makeWide(traits) as unknown as ReportParts);

/** A session with these members in its second entry, signed and sealed with them. */
const sessionWith = (members: Readonly<Record<string, unknown>>) => {
  const redaction = { entity_kind: 'NAME', pass: 'gemma', confidence: 0.94 };
  const entries = writeEntries(sealed, [redaction, { ...redaction, ...members }, redaction]);
  return makeSession({ name: '01', size: 3, entries });
};

function entryCases(): CorpusCase[] {
  const usual = sessionWith({});
  const entry = (
    name: string,
    members: Readonly<Record<string, unknown>>,
    marks = 'vvx-v---',
    macs = false,
  ) => {
    const session = sessionWith(members);
    const { entries, rootHex, headHash } = session;
    const report = makeReport({
      session: usual,
      evidence: evidenceOf(session, logOf([session])),
      report: statedFigures(entries, rootHex, headHash),
      entries: () => entries,
    });
    return oneCase(`entry with ${name}`, sessionPdf(report), [...KEY, ...(macs ? MACS : [])], marks);
  };
  return [
    entry('a month 13', { ts: '2026-13-02T21:07:54.594Z' }),
    entry('a minute 60', { ts: '2026-05-02T21:60:54.594Z' }),
    entry('a second 60', { ts: '2026-05-02T21:07:60.594Z' }),
    entry('the last time that can be written', { ts: '9999-12-31T23:59:59.999Z' }, 'vvvvv---'),
    entry('a time in a list', { ts: ['2026-05-02T21:07:54Z'] }),
    entry('an event in a list', { event_id: ['evt_01KQN89WGRBPJ4AAGAHJXM0101'] }),
    entry('a span that is a text', { span: '12' }),
    entry('a span of three numbers', { span: [1, 2, 3] }),
    entry('a span that is a number', { span: 5 }),
    entry('a confidence that is true', { confidence: true }),
    entry('a number that is a text, and its MAC', { seq: '1' }, 'vvx-v--v', true),
    entry('a session that is none, and its MAC', { session_id: 'sess_1' }, 'vvx-v--v', true),
    entry('an agent that is none, and its MAC', { agent_id: 'agt_1' }, 'vvx-v--v', true),
  ];
}

/** Members of an entry that nothing beside it speaks against. */
function loneCases(): CorpusCase[] {
  const proof = (name: string, session: CorpusSession) =>
    oneCase(
      `event proof of an entry with ${name}`,
      eventProof(session, 1, { evidence: evidenceOf(session, logOf([session])) }),
      KEY,
      'v-x-v---',
    );
  const { entries } = sessionWith({});
  const inList = (hash: JsonValue) => [hash];
  const listed = entries.with(1, edit(entries[1] as string, { this_hash: inList }));
  return [
    proof('no hash before it', sessionWith({ prev_hash: 'none' })),
    proof('a number as its kind of entity', sessionWith({ entity_kind: 5 })),
    proof('its hash in a list', makeSession({ name: '01', size: 3, entries: listed })),
  ];
}

function memberCases(): CorpusCase[] {
  const unlogged = (name: string) =>
    oneCase(
      `report with a number as its ${name}, not logged`,
      bothOf(
        makeReport({ session: sealed, evidence: null, missing: 'not logged yet', report: { [name]: 5 } }),
      ),
      KEY,
      'x-------',
    );
  const other = (name: string) =>
    oneCase(
      `report with another ${name} than its log has`,
      bothOf(makeReport({ session: sealed, report: { [name]: otherId } })),
      KEY,
      'vv--x---',
    );
  const noEnd = logged(changedText({ ended_at: null }));
  const headed = { ...empty, headHash: 'ab'.repeat(32) };
  return [
    unlogged('session.id'),
    unlogged('session.started_at'),
    unlogged('session.status'),
    unlogged('audit_log.key_id'),
    unlogged('audit_log.state'),
    unlogged('session.ended_at'),
    other('session_id'),
    other('session.id'),
    oneCase(
      'report with an end that is no time, of a session whose log has none',
      sessionPdf(
        makeReport({ session: sealed, report: { evidence: json(noEnd), 'session.ended_at': 'soon' } }),
      ),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'range proof of no entry of a session whose log names a last one',
      rangeProof(headed, 0, 0, { evidence: evidenceOf(headed, logOf([headed])) }),
      KEY,
      'v-x-v---',
    ),
  ];
}

const ALL = Object.values(SESSIONS);

/** A row with these members, the totals and the fingerprint computed over all rows. `id`, `entries` and `root_hex` count. */
function wideWith(at: number, members: Readonly<Record<string, JsonValue>>): WideTraits {
  const rows = ALL.map(({ id, rootHex, entries }, i) => ({
    ...{ id, root_hex: rootHex, entries: entries.length },
    ...(i === at ? members : {}),
  }));
  const root = rootHexOf(
    rows.map(({ id, root_hex, entries }) => canonicalize({ root: root_hex, session_id: id, size: entries })),
  );
  const read = rows.reduce((sum, row) => sum + row.entries, 0);
  const changes = Object.entries(members).map(([name, value]) => [`sessions.${at}.${name}`, value] as const);
  return {
    report: {
      ...Object.fromEntries(changes),
      ...{ merkle_root_hex: root, 'audit_log.entries_read': read, 'completeness.entries_read': read },
    },
  };
}

function rowCases(): CorpusCase[] {
  const row = (name: string, traits: WideTraits, marks: string) =>
    oneCase(`row with ${name}`, widePdf(makeWide(traits)), KEY, marks);
  const [first, second] = ALL.map(({ entries }) => countsOf(entries).redactionCount) as [number, number];
  const figure = (name: string, change: JsonValue | typeof more, marks: string) =>
    oneCase(`report on an account with ${name}`, bothOfWide({ report: { [name]: change } }), KEY, marks);
  return [
    row('a number as its state', { report: { 'sessions.2.state': 5 } }, 'x-------'),
    oneCase(
      'report on an account with another member in place of its log’s key',
      widePdf(makeWide({ report: { 'evidence.verifier_key': undefined, 'evidence.verifier_kez': 'none' } })),
      KEY,
      'vvv-x---',
    ),
    row('an id that is none', wideWith(2, { id: `${SESSIONS.open.id}X` }), 'x-------'),
    row('less than no entries', wideWith(2, { entries: -1 }), 'x-------'),
    row(
      'less than no redactions',
      { report: { 'sessions.0.redactions': -1, 'sessions.1.redactions': first + second + 1 } },
      'x-------',
    ),
    row('another agent than the log', { report: { 'sessions.0.agent_id': AGENTS[1] } }, 'vvv-x---'),
    row('another status than the log', { report: { 'sessions.0.status': 'error' } }, 'vvv-x---'),
    row(
      'another policy than the log',
      { report: { 'sessions.0.policy_sha256': 'ab'.repeat(32) } },
      'vvv-x---',
    ),
    figure('redactions_by_pass.gemma', more, 'vvx-----'),
    figure('redactions_by_kind.NAME', less, 'vvx-----'),
    figure('completeness.sessions_walked', more, 'vvx-----'),
    figure('completeness.entries_read', more, 'vvx-----'),
    figure('audit_log.sessions_walked', '6', 'x-------'),
    figure('audit_log.entries_read', '30', 'x-------'),
    oneCase(
      'report on an account with a number as a policy, and its SHA-256',
      bothOfWide({ report: { 'policies.0.text': 5, 'policies.0.sha256': sha256('5').toString('hex') } }),
      KEY,
      'x-------',
    ),
  ];
}

export function singleRecordCases(): CorpusCase[] {
  return [...entryCases(), ...loneCases(), ...memberCases(), ...rowCases()];
}
