// Checks the evidence that files carry, without a database: what an outsider can check with the key that was handed over.
import type { JsonValue } from '../../../shared/audit/canonical-json.ts';
import { UsageError } from '../../command/command.ts';
import { checkComplete, closedIn } from './check-completeness.ts';
import { checkEntries, checkRows } from './check-entries.ts';
import { checkAllLogged, checkLinesLogged } from './check-lines.ts';
import { checkSessionLogged, type SignedLog } from './check-log.ts';
import { checkMacs } from './check-macs.ts';
import { checkProof } from './check-proof.ts';
import { checkStatement, checkStatementAlone } from './check-statement.ts';
import { checkWitnesses } from './check-witnesses.ts';
import { compareReports, type Found } from './compare-reports.ts';
import { type Evidence, openJson, openPack, openPdf, type ReadPdf } from './open-report.ts';
import type { EvidenceOptions } from './options.ts';
import { at, readJsonFile } from './read-json.ts';
import {
  EVIDENCE_AXES,
  hasFailed,
  holds,
  judge,
  readable,
  unchecked,
  type Verdict,
  type Verdicts,
} from './verdict.ts';

export type Programs = Readonly<{
  readPdf: ReadPdf;
  /** Prints the pages again; null where nothing can. */
  checkPages: ((pdf: Uint8Array) => Promise<Verdict>) | null;
}>;

export type Verified = Readonly<{
  reports: readonly Verdicts[];
  relation: Verdict | null;
  exit: 0 | 1 | 2;
  /** The JSON of the one report, for a comparison with a database. */
  json: Buffer | null;
}>;

type Kind = 'pdf' | 'pack' | 'note' | 'report' | 'proof';
type Input = Readonly<{ kind: Kind; bytes: Buffer; note: Buffer | null }>;

/** Rejects with a `UsageError` for files that do not go together, with an error for a file that is none of ours. */
export async function verifyEvidence(
  files: readonly Buffer[],
  options: EvidenceOptions,
  programs: Programs,
): Promise<Verified> {
  const found = await Promise.all(arrange(files).map((input) => checkInput(input, options, programs)));
  const [first, second] = found;
  const relation = first && second ? compareReports(first, second) : null;
  const reports = found.map(({ verdicts }) => verdicts);
  const json = found.length === 1 ? (first?.evidence?.json ?? null) : null;
  return { reports, relation, exit: exitOf(reports, relation, options.required), json };
}

function kindOf(bytes: Buffer): Kind {
  const head = bytes.toString('latin1', 0, 64);
  if (head.startsWith('%PDF-')) return 'pdf';
  if (head.startsWith('PK')) return 'pack';
  if (head.startsWith('masker-evidence/report/')) return 'note';
  // A byte order mark, or a part of it, is no more than a byte that stands before the JSON, and that `bytes` refuses.
  const first = bytes.findIndex((byte) => !BEFORE_JSON.has(byte));
  if (bytes[first] !== OPEN_OBJECT) throw new Error(STRANGER);
  return kindOfJson(bytes, bytes.toString('latin1', first, first + 20));
}

/**
 * A JSON is what its first member says, whatever is wrong behind that: the axis `bytes` tells it. A JSON that begins with
 * another member is looked into: without a member of ours, it is refused.
 */
function kindOfJson(bytes: Buffer, begin: string): Kind {
  if (begin.startsWith('{"report"')) return 'report';
  if (PROOFS.some((name) => begin.startsWith(`{"${name}"`))) return 'proof';
  const value = readable(() => readJsonFile(bytes, 'it'));
  if (value === null || at(value, 'report') !== undefined) return 'report';
  if (PROOFS.some((name) => at(value, name) !== undefined)) return 'proof';
  throw new Error(STRANGER);
}

const PROOFS = ['event_proof', 'range_proof'] as const;

const BEFORE_JSON: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf, ...Buffer.from(' \t\r\n')]);
const OPEN_OBJECT = 0x7b;

const STRANGER = 'The file is no report, pack, statement or proof: name one that this service issued.';

function arrange(files: readonly Buffer[]): Input[] {
  const inputs = files.map((bytes): Input => ({ kind: kindOf(bytes), bytes, note: null }));
  if (inputs.length === 1) return inputs;
  const [note, report] = ['note', 'report'].map((kind) => inputs.find((input) => input.kind === kind));
  if (inputs.length === 2 && note && report) return [{ ...report, note: note.bytes }];
  const isReport = ({ kind }: Input) => kind === 'pdf' || kind === 'pack' || kind === 'report';
  if (inputs.length === 2 && inputs.every(isReport)) return inputs;
  throw new UsageError("Name a file, a report's JSON and its statement, or two reports.");
}

async function checkInput(input: Input, options: EvidenceOptions, programs: Programs): Promise<Found> {
  const { kind, bytes } = input;
  if (kind === 'note') {
    const statement = judge(() => checkStatementAlone(bytes, options.keys));
    const rest = alone(
      judge(() => unchecked('a statement alone says nothing of it')),
      null,
    );
    return { ...rest, verdicts: { ...rest.verdicts, statement } };
  }
  if (kind === 'proof') {
    const checked = checkProof(bytes, options);
    return 'verdict' in checked
      ? alone(DISORDER, checked)
      : { verdicts: soften(checked), evidence: null, seen: [] };
  }
  const open = await opening(input, programs);
  let evidence: Evidence | undefined;
  const opened = judge(() => {
    evidence = open();
    return kind === 'pdf'
      ? `${IN_FORM}, and its properties are the report's; what its pages, its bookmarks and a screen reader say, and whether pages were added or left out, is another axis`
      : IN_FORM;
  });
  if (!evidence) return alone(DISORDER, opened);
  const pages = kind === 'pdf' && programs.checkPages ? await programs.checkPages(bytes) : NO_PAGES;
  return judgeReport(evidence, opened, pages, options);
}

const IN_FORM = "nothing stands outside the form of a report's file";
const DISORDER: Verdict = { verdict: 'not checked', detail: 'the file was not taken apart: see bytes' };
const NO_PAGES: Verdict = {
  verdict: 'not checked',
  detail:
    'nothing in the file proves what pages and bookmarks show, or what a screen reader speaks: compare them with the attached JSON',
};

async function opening({ kind, bytes, note }: Input, { readPdf }: Programs): Promise<() => Evidence> {
  if (kind === 'pdf') return await openPdf(bytes, readPdf);
  if (kind === 'pack') return await openPack(bytes, readPdf);
  return () => openJson(bytes, note);
}

/** One verdict on every axis, another on the bytes. */
function alone(rest: Verdict, bytes: Verdict | null): Found {
  const verdicts = Object.fromEntries(
    EVIDENCE_AXES.map((axis) => [axis, axis === 'bytes' ? (bytes ?? rest) : rest]),
  );
  return { verdicts: verdicts as Verdicts, evidence: null, seen: [] };
}

function judgeReport(
  evidence: Evidence,
  bytes: Verdict,
  pages: Verdict,
  { keys, witnesses, auditKeys }: EvidenceOptions,
): Found {
  const { report, scope } = evidence;
  const isSession = scope === 'session';
  const seen: SignedLog[] = [];
  const statement = judge(() => checkStatement(evidence, keys));
  const entries = judge(() => (isSession ? checkEntries(evidence) : checkRows(evidence, statement)));
  const log = judge(() =>
    (isSession ? checkSessionLogged : checkLinesLogged)(evidence, keys, seen, statement),
  );
  const signed = {
    entries: evidence.entries,
    keyId: at(report, 'audit_log', 'key_id') as JsonValue,
    closed: closedIn(evidence),
    accountId: at(report, 'account', 'id'),
    startedAt: at(report, 'session', 'started_at'),
  };
  const verdicts = {
    bytes,
    statement,
    entries,
    completeness: judge(() =>
      (isSession ? checkComplete : checkAllLogged)(evidence, entries, log, statement),
    ),
    log,
    witnesses: judge(() => checkWitnesses(witnesses, log, seen)),
    pages,
    macs: judge(() => checkMacs(signed, auditKeys)),
  };
  return { verdicts: nameUnsigned(soften(verdicts)), evidence, seen };
}

/** Without a statement, that the bytes are in order must not be taken for a word on the report's contents. */
function nameUnsigned(verdicts: Verdicts): Verdicts {
  const { bytes, statement } = verdicts;
  if (!holds(bytes) || holds(statement)) return verdicts;
  const detail = `${bytes.detail}; no verified statement is over it, so what the report says is signed by nobody`;
  return { ...verdicts, bytes: { ...bytes, detail } };
}

/** Without a signature by a given key, nothing that only agrees with itself is verified. */
function soften(verdicts: Verdicts): Verdicts {
  if (holds(verdicts.statement) || holds(verdicts.log)) return verdicts;
  const softer = (verdict: Verdict): Verdict =>
    holds(verdict)
      ? {
          verdict: 'not checked',
          detail: 'it agrees with itself, but nothing in it is signed by a given key',
        }
      : verdict;
  const { bytes, entries, completeness } = verdicts;
  return { ...verdicts, bytes: softer(bytes), entries: softer(entries), completeness: softer(completeness) };
}

function exitOf(
  reports: readonly Verdicts[],
  relation: Verdict | null,
  required: readonly string[],
): 0 | 1 | 2 {
  const all = [...reports.flatMap((verdicts) => Object.values(verdicts)), ...(relation ? [relation] : [])];
  if (all.some(hasFailed)) return 2;
  const isProven = ({ statement, entries, log }: Verdicts) => [statement, entries, log].some(holds);
  const isThere = (axis: string) =>
    axis === 'relation'
      ? relation !== null && holds(relation)
      : reports.every((verdicts) => holds(verdicts[axis as keyof Verdicts]));
  return reports.every(isProven) && required.every(isThere) ? 0 : 1;
}
