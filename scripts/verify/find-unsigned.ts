// Reports in the ledger that this deployment did not sign: whoever writes to the database can add a row, and cannot sign one.
import type { Db } from 'mongodb';
import { listStatedRows, listUnstatedRows, type StatedRow } from '../../shared/reports/fleet-ledger.ts';
import { latestTimeOf } from '../../shared/reports/latest-time.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { parseNote } from '../../shared/transparency/note.ts';
import { parseStatement } from '../../shared/transparency/statement.ts';
import { isStatementOf } from '../../shared/transparency/verify-statement.ts';
import { checkPdfStatement } from './issued-pdf.ts';
import type { Remains } from './remains.ts';

/**
 * Every row of the ledger that has to bear a statement and bears none of this deployment. A row in the form of before
 * statements were kept has to bear one if it is no older than the first signed report of its account, or names an entry of the
 * account log. Returns how many rows are older, for which nothing vouches. Rejects with the driver's error when the database
 * is away.
 */
export async function* findUnsigned(db: Db, identity: LogIdentity): AsyncGenerator<Remains, number> {
  const firstSigned = new Map<string, number>();
  for await (const row of listStatedRows(db)) {
    const { id, accountId, statement } = row;
    const signedAt = readSignedTime(identity, row);
    if (signedAt !== null)
      firstSigned.set(accountId, Math.min(signedAt, firstSigned.get(accountId) ?? signedAt));
    const problem =
      signedAt === null ? UNSIGNED[statement === null ? 'none' : 'forged'] : pdfProblem(identity, row);
    if (problem !== null) yield notSigned(id, accountId, problem);
  }
  let older = 0;
  for await (const { id, accountId, generatedAt, isLogged } of listUnstatedRows(db)) {
    const latest = id === null || generatedAt === null ? null : latestTimeOf(id, generatedAt);
    const isOlder = latest !== null && latest < (firstSigned.get(accountId) ?? Number.POSITIVE_INFINITY);
    if (isOlder && !isLogged) older += 1;
    else
      yield notSigned(id, accountId, latest === null ? NO_REPORT : isOlder ? UNSIGNED.logged : UNSIGNED.new);
  }
  return older;
}

function notSigned(id: string | null, accountId: string, problem: string): Remains {
  return {
    ...{ finding: 'report_not_signed', about: id ?? '', accountId, details: { report_id: id } },
    line: `its row in the ledger bears ${problem}`,
  };
}

/** When the report was made, by the statement that this deployment signed over it; null where it signed none. */
function readSignedTime(
  identity: LogIdentity,
  { id, accountId, statement, jsonSha256Hex: sha256Hex }: StatedRow,
): number | null {
  if (id === null || statement === null) return null;
  const stated = { subject: 'report', reportId: id, sha256Hex } as const;
  if (!isStatementOf(identity, accountId, stated, statement)) return null;
  const text = parseNote(statement)?.text ?? '';
  return Date.parse(parseStatement('report', text)?.generatedAt ?? '');
}

function pdfProblem(identity: LogIdentity, { id, ...row }: StatedRow): string | null {
  return id === null ? null : PDF_PROBLEMS[checkPdfStatement(identity, { ...row, id })];
}

const UNSIGNED = {
  none: 'no statement: it was issued without SIGNING_KEY, or somebody wrote it into the database',
  forged:
    "a statement that none of this deployment's keys signed over it: somebody wrote it into the database, or an earlier key is missing in RETIRED_KEYS",
  new: 'no format and no statement, as rows from before reports were signed, and it is no older than the first signed report of its account: somebody wrote it into the database, or took both off',
  logged:
    'no format and no statement, and it names an entry of the account log, which takes up signed reports alone: somebody took both off',
};

const NO_REPORT = 'no statement, and an id or a time that no report has: somebody wrote it into the database';

const PDF_PROBLEMS = {
  none: null,
  signed: null,
  unsigned:
    'no statement over its PDF: somebody took it off, or wrote the SHA-256 of the PDF into the database',
  forged:
    "a statement over its PDF that none of this deployment's keys signed over the SHA-256 beside it: somebody changed the row in the database, or an earlier key is missing in RETIRED_KEYS",
} as const satisfies Record<ReturnType<typeof checkPdfStatement>, string | null>;
