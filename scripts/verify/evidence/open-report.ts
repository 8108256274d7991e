// Opens a report with what stands beside it, from a PDF, a pack, or a JSON with its statement. All that it refuses is the
// axis `bytes`.
import { hash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../../shared/audit/canonical-json.ts';
import { isHashHex } from '../../../shared/audit/hash-hex.ts';
import { isId } from '../../../shared/audit/ids.ts';
import { REPORT_SCOPES, type ReportScope, windowName } from '../../../shared/reports/subject.ts';
import { descriptionOf, isDescribedAs } from '../../../workers/pdf/finish/describe-document.ts';
import type { PdfReading } from '../../../workers/pdf/finish/read-pdf.ts';
import { findStrayKeys, openChecked } from '../find-stray-keys.ts';
import { findLoose } from './find-loose.ts';
import {
  at,
  hasExactly,
  isCount,
  isNumber,
  isNumbers,
  isObject,
  isText,
  isTexts,
  isWhole,
  readJsonFile,
  readLines,
  readText,
  type Test,
} from './read-json.ts';
import { readZip } from './read-zip.ts';
import { unchecked, wrong } from './verdict.ts';

export type Multiproof = Readonly<{ indexes: readonly number[]; size: number; hashes: JsonValue }>;

/** A report and its evidence. Null for what is not there. */
export type Evidence = Readonly<{
  scope: ReportScope;
  report: JsonObject;
  json: Buffer;
  note: Uint8Array | null;
  entries: readonly Uint8Array[] | null;
  lines: readonly string[] | null;
  multiproof: Multiproof | null;
  /** Of a pack: the entry and the proof that stand beside the report. */
  closedText: string | null;
  tlogProof: Uint8Array | null;
}>;

export type ReadPdf = (bytes: Uint8Array) => Promise<PdfReading>;

const isNullOr =
  (test: Test): Test =>
  (value) =>
    value === null || test(value);
const has =
  (...tests: readonly (readonly [name: string, test: Test])[]): Test =>
  (value) =>
    tests.every(([name, test]) => test(at(value, name)));

const SHARED: Readonly<Record<string, Test>> = {
  account: has(['id', isText]),
  generated_at: isText,
  id: isText,
  merkle_root_hex: isText,
  redaction_count: isCount,
  redactions_by_kind: isObject,
  redactions_by_pass: isObject,
};

const OF_SESSION: Readonly<Record<string, Test>> = {
  ...SHARED,
  agent: has(['id', isText]),
  audit_log: has(['event_count', isCount], ['end_hash', isText], ['key_id', isText], ['state', isText]),
  policy: has(['sha256', isText]),
  policy_snapshot: isText,
  session: has(['id', isText], ['started_at', isText], ['status', isText], ['ended_at', isNullOr(isText)]),
  session_id: isText,
};

const isRow = has(
  ['id', (value) => isId('session', value)],
  ['root_hex', isHashHex],
  ['state', isText],
  ['entries', isCount],
  ['redactions', isCount],
  ['log_index', (value) => value === undefined || value === null || isWhole(value)],
);

const OF_MANY: Readonly<Record<string, Test>> = {
  ...SHARED,
  audit_log: has(['sessions_walked', isCount], ['entries_read', isCount]),
  sessions: (value) => Array.isArray(value) && value.every(isRow),
  sessions_total: isCount,
  window: has(['since', isText], ['until', isText], ['period', isNullOr(isText)]),
};

/** A JSON and, where it was given, its statement. */
export function openJson(json: Buffer, note: Uint8Array | null): Evidence {
  const envelope = readJsonFile(json, 'the report');
  if (!hasExactly(envelope, { report: isObject })) return wrong('the JSON is not the envelope of a report');
  const report = envelope.get('report') as JsonObject;
  const scope = REPORT_SCOPES.find((each) => each === report.get('scope'));
  if (scope === undefined) return wrong('the report is of no scope that reports have');
  for (const [name, test] of Object.entries(scope === 'session' ? OF_SESSION : OF_MANY)) {
    if (!test(report.get(name))) wrong(`the report has no ${name} of the right form`);
  }
  checkPolicyTexts(scope, report);
  const nothing = { entries: null, lines: null, multiproof: null, closedText: null, tlogProof: null };
  return { ...nothing, scope, report, json, note };
}

/** A policy's text is that of its SHA-256, which the account log has: without a statement nothing else is over the text. */
function checkPolicyTexts(scope: ReportScope, report: JsonObject): void {
  const listed = report.get('policies');
  const ofMany = Array.isArray(listed) ? listed.map((each) => [at(each, 'text'), at(each, 'sha256')]) : [];
  const texts =
    scope === 'session' ? [[report.get('policy_snapshot'), at(report, 'policy', 'sha256')]] : ofMany;
  for (const [text, sha256Hex] of texts) {
    if (typeof text !== 'string' || hash('sha256', text) !== sha256Hex)
      wrong('a policy in the report has another text than its SHA-256 is over');
  }
}

export async function openPdf(bytes: Uint8Array, readPdf: ReadPdf): Promise<() => Evidence> {
  const reading = await readPdf(bytes);
  if (!reading.ok) {
    const { problem, costsTooMuch } = reading;
    return () =>
      costsTooMuch ? unchecked(`the PDF was not read: ${problem}`) : wrong(`the PDF is refused: ${problem}`);
  }
  const stray = await strayIn(bytes);
  return () => {
    if (stray !== null) wrong(`the PDF is refused: ${stray}`);
    const files = new Map(reading.attachments.map(({ name, bytes: content }) => [name as string, content]));
    const opened = openJson(Buffer.from(reading.json), files.get('report.note') ?? null);
    checkName(reading.attachmentName, opened);
    checkDescription(reading, opened);
    return { ...opened, ...linesIn(files, opened.report) };
  };
}

/** The first thing in a PDF that reports have not, in words. Keeps nothing of the parsed file, which holds it once more. */
async function strayIn(bytes: Uint8Array): Promise<string | null> {
  const document = await openChecked(bytes);
  return findLoose(document) ?? findStrayKeys(document);
}

const NAME = /^masker-(session|agent|account)-([a-z]+_[0-9A-Z]{26})(-.+)?\.json$/;

/** The attachment's name is that of the report's subject. */
function checkName(name: string, { scope, report }: Evidence): void {
  const [, kind, id, window] = NAME.exec(name) ?? [];
  const subjects = { session: ['session_id'], agent: ['agent_id'], account: ['account', 'id'] } as const;
  if (kind !== scope || id !== at(report, ...subjects[scope]))
    wrong('the attached report bears the name of another subject');
  if (window !== (scope === 'session' ? undefined : `-${statedWindow(report)}`))
    wrong('the attached report bears the name of another window');
}

function statedWindow(report: JsonObject): string {
  const text = (name: string) => at(report, 'window', name) as string;
  return windowName(text('since'), text('until'), at(report, 'window', 'period') as string | null);
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

/** Title, dates and the like are those of the attached report: a reader shows them beside the pages. */
function checkDescription(
  { attachmentName, origin, description }: Extract<PdfReading, { ok: true }>,
  { scope, report }: Evidence,
): void {
  const text = (...path: string[]) => String(at(report, ...path));
  if (!TIME.test(text('generated_at'))) wrong('the attached report has a time that is none');
  const about = scope === 'agent' ? `agent ${text('agent_id')}` : `account ${text('account', 'id')}`;
  const subject =
    scope === 'session'
      ? `session ${text('session_id')}`
      : `${about}, ${text('window', 'since')} to ${text('window', 'until')}`;
  const expected = descriptionOf(
    {
      ...{ title: `Compliance report of ${subject}`, language: 'en', subject, attachmentName },
      ...{ reportId: text('id'), rootHex: text('merkle_root_hex'), generatedAt: text('generated_at') },
    },
    origin,
  );
  if (!isDescribedAs(expected, description))
    wrong("the PDF's title, dates or other properties are not those of the attached report");
}

type Contents = ReadonlyMap<string, Uint8Array>;

function linesIn(files: Contents, report: JsonObject): Pick<Evidence, 'entries' | 'lines' | 'multiproof'> {
  const [entries, lines, proof] = [
    'entries.ndjson',
    'session_closed.ndjson',
    'session_closed.multiproof.json',
  ].map((name) => files.get(name));
  const multiproof = proof ? readMultiproof(proof) : null;
  const [counted, proven] = [at(report, 'audit_log', 'event_count'), multiproof?.indexes.length];
  return {
    entries: entries ? readLines(entries, 'entries.ndjson', counted as number) : null,
    lines: lines
      ? readLines(lines, 'session_closed.ndjson', proven ?? 0).map((line) =>
          readText(line, 'session_closed.ndjson'),
        )
      : null,
    multiproof,
  };
}

function readMultiproof(bytes: Uint8Array): Multiproof {
  const what = 'session_closed.multiproof.json';
  const value = readJsonFile(bytes, what);
  const members = {
    hashes: isTexts,
    indexes: isNumbers,
    size: isNumber,
    v: (v: JsonValue | undefined) => v === 1,
  };
  if (!hasExactly(value, { multiproof: (inner) => hasExactly(inner, members) }))
    wrong(`${what} is no multiproof`);
  const proof = at(value, 'multiproof') as JsonObject;
  return {
    indexes: proof.get('indexes') as number[],
    size: proof.get('size') as number,
    hashes: proof.get('hashes') as JsonValue,
  };
}

export async function openPack(bytes: Buffer, readPdf: ReadPdf): Promise<() => Evidence> {
  let files: Map<string, Buffer>;
  try {
    files = readZip(bytes);
  } catch (error) {
    return () => {
      throw error;
    };
  }
  const pdf = files.get('report.pdf');
  const openInner = pdf ? await openPdf(pdf, readPdf) : null;
  const attached = pdf ? await readPdf(pdf) : null;
  return () => {
    const json = files.get('report.json') ?? wrong('the pack holds no report.json');
    const opened = openJson(json, files.get('report.note') ?? null);
    if (opened.scope !== 'session') wrong('the pack holds a report on many sessions');
    const closed = files.get('session_closed.json');
    if (closed) readJsonFile(closed, 'session_closed.json');
    const closedText = closed ? readText(closed, 'session_closed.json') : null;
    const tlogProof = files.get('session.tlog-proof') ?? null;
    if (tlogProof) readText(tlogProof, 'session.tlog-proof');
    const policy = files.get('policy.yaml');
    if (policy && Buffer.compare(policy, Buffer.from(opened.report.get('policy_snapshot') as string)) !== 0) {
      wrong("policy.yaml is not the report's policy");
    }
    if (openInner) openInner();
    if (attached?.ok) compareAttached(attached, files);
    return { ...opened, ...linesIn(files, opened.report), closedText, tlogProof };
  };
}

function compareAttached({ json, attachments }: Extract<PdfReading, { ok: true }>, files: Contents): void {
  const pairs = [
    ['report.json', json] as const,
    ...attachments.map(({ name, bytes }) => [name, bytes] as const),
  ];
  for (const [name, bytes] of pairs) {
    const own = files.get(name);
    if (!own || Buffer.compare(own, bytes) !== 0) wrong(`report.pdf carries another ${name} than the pack`);
  }
}
