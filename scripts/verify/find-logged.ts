// What the account logs hold and the database does not say, and reports in the ledger that this deployment did not sign.
import { openIdentity, type SigningSettings } from '../../shared/transparency/open-signing.ts';
import { openLogChecks } from '../../workers/account-log/open-checks.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';
import type { Connected } from '../command/connect.ts';
import { findUnsigned } from './find-unsigned.ts';
import { orBrokenOff, type Remains } from './remains.ts';
import type { AllowedWrites } from './where-allowed.ts';

type Deps = AllowedWrites & Readonly<{ pool: Pick<ReportPool, 'verifySession'>; signing: SigningSettings }>;

/**
 * Goes over every account log, and every row of the ledger. A log at which it throws is named, and the others go on. Returns
 * how many rows of the ledger are older than any signed report of their account. Rejects with the driver's error when the
 * database is away.
 */
export async function* findLogged(
  { db, config }: Pick<Connected, 'db' | 'config'>,
  { signing, ...deps }: Deps,
): AsyncGenerator<Remains, number> {
  const identity = openIdentity(signing);
  const checks = openLogChecks(db, config, { ...deps, identity });
  for (const accountId of await checks.listStored()) {
    yield* orBrokenOff({ accountId }, checks.check(accountId, NEVER));
  }
  return yield* findUnsigned(db, identity);
}

const NEVER = new AbortController().signal;
