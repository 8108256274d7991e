// What the account logs hold and the database does not say, and reports in the ledger that this deployment did not sign.
import { listStatedRows, type StatedRow } from '../../shared/reports/fleet-ledger.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { openIdentity, type SigningSettings } from '../../shared/transparency/open-signing.ts';
import { isStatementOf } from '../../shared/transparency/verify-statement.ts';
import { openLogChecks } from '../../workers/account-log/open-checks.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';
import type { Connected } from '../command/connect.ts';
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
  { id, accountId, statement, jsonSha256Hex }: StatedRow,
): string | null {
  if (statement === null) {
    return 'no statement: it was issued without SIGNING_KEY, or somebody wrote it into the database';
  }
  if (id !== null && isStatementOf(identity, accountId, { id, jsonSha256Hex }, statement)) return null;
  return "a statement that none of this deployment's keys signed over it: somebody wrote it into the database, or an earlier key is missing in RETIRED_KEYS";
}
