// What the account logs hold and the database does not say, and reports in the ledger that this deployment did not sign.
import { listStatedRows, type StatedRow } from '../../shared/reports/fleet-ledger.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { openIdentity, type SigningSettings } from '../../shared/transparency/open-signing.ts';
import { isStatementOf } from '../../shared/transparency/verify-statement.ts';
import { openLogChecks } from '../../workers/account-log/open-checks.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';
import type { Connected } from '../command/connect.ts';
import { checkPdfStatement } from './issued-pdf.ts';
import type { Remains } from './remains.ts';

type Deps = Readonly<{
  pool: Pick<ReportPool, 'verifySession'>;
  recordOutcome: RecordOutcome;
  signing: SigningSettings;
}>;

/** Goes over every account log, and every row of the ledger. Rejects with the driver's error. */
export async function* findLogged(
  { db, config }: Pick<Connected, 'db' | 'config'>,
  { signing, ...deps }: Deps,
): AsyncGenerator<Remains> {
  const identity = openIdentity(signing);
  const checks = openLogChecks(db, config, { ...deps, identity });
  for (const accountId of await checks.listStored()) yield* checks.check(accountId, NEVER);
  for await (const row of listStatedRows(db)) {
    const problem = findStatementProblem(identity, row);
    if (problem === null) continue;
    const { id, accountId } = row;
    yield {
      ...{ finding: 'report_not_signed', about: id ?? '', accountId, details: { report_id: id } },
      line: `its row in the ledger bears ${problem}`,
    };
  }
}

const NEVER = new AbortController().signal;

function findStatementProblem(
  identity: LogIdentity,
  { id, accountId, statement, jsonSha256Hex: sha256Hex, ...pdf }: StatedRow,
): string | null {
  if (statement === null) {
    return 'no statement: it was issued without SIGNING_KEY, or somebody wrote it into the database';
  }
  const isSigned =
    id !== null &&
    isStatementOf(identity, accountId, { subject: 'report', reportId: id, sha256Hex }, statement);
  if (isSigned) return PDF_PROBLEMS[checkPdfStatement(identity, { id, accountId, ...pdf })];
  return "a statement that none of this deployment's keys signed over it: somebody wrote it into the database, or an earlier key is missing in RETIRED_KEYS";
}

const PDF_PROBLEMS = {
  none: null,
  signed: null,
  unsigned:
    'no statement over its PDF: somebody took it off, or wrote the SHA-256 of the PDF into the database',
  forged:
    "a statement over its PDF that none of this deployment's keys signed over the SHA-256 beside it: somebody changed the row in the database, or an earlier key is missing in RETIRED_KEYS",
} as const satisfies Record<ReturnType<typeof checkPdfStatement>, string | null>;
