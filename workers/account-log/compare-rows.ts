// Compares reports and policies with what the account log holds of them.
import { entryTextOf } from '../../shared/reports/stated-entry.ts';
import { policyStoredText, unlessMisformed } from '../../shared/transparency/log-entry.ts';
import { type EntryText, entryOf, ofKind, textAt } from './entry-text.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import type { LogFinding } from './log-finding.ts';

type Deps = Pick<KeeperDeps, 'reports' | 'policies' | 'segments'>;

/** A report's row is never removed and never changed, but for the entry that it names. */
export async function* compareReports(
  { reports, segments }: Pick<Deps, 'reports' | 'segments'>,
  accountId: string,
  page: readonly EntryText[],
): AsyncGenerator<LogFinding> {
  const issued = ofKind(page, 'report_issued');
  const rows = await reports.findLogged(
    accountId,
    issued.map(({ entry }) => entry.report_id),
  );
  for (const { entry, text, index, isMarked } of issued) {
    const { report_id: about } = entry;
    const found = (finding: string, line: string): LogFinding => ({
      ...{ finding, about, accountId, line },
      details: { report_id: about, log_index: index },
    });
    const row = rows.get(about);
    if (!row) {
      yield found(
        'logged_report_gone',
        `${entryOf(index)} says that it was issued, and the ledger has no row of it`,
      );
      continue;
    }
    const { logIndex } = row;
    if (entryTextOf(accountId, row) !== text) {
      const what = entry.json_sha256 === row.jsonSha256Hex ? 'other values' : 'another SHA-256';
      yield found('logged_report_differs', `its row in the ledger states ${what} than ${entryOf(index)}`);
    } else if (logIndex === undefined ? isMarked : logIndex !== index) {
      // A row that came back from a backup may have been logged again.
      const isAgain = logIndex !== undefined && (await textAt(segments, accountId, logIndex)) === text;
      if (!isAgain)
        yield found('logged_report_unnamed', `its row in the ledger does not name ${entryOf(index)}`);
    }
  }
}

/** A policy version is never removed and never changed. */
export async function* comparePolicies(
  { policies }: Pick<Deps, 'policies'>,
  accountId: string,
  page: readonly EntryText[],
): AsyncGenerator<LogFinding> {
  const stored = ofKind(page, 'policy_stored');
  const rows = await policies.findLogged(
    accountId,
    stored.map(({ entry }) => entry.sha256),
  );
  for (const { entry, text, index } of stored) {
    const { sha256: about } = entry;
    const found = (finding: string, line: string): LogFinding => ({
      ...{ finding, about, accountId, line },
      details: { policy_sha256: about, log_index: index },
    });
    const row = rows.get(about);
    if (!row) {
      const line = `${entryOf(index)} says that the policy was stored, and it is gone, or has another text: import it again`;
      yield found('logged_policy_gone', line);
    } else if (unlessMisformed(() => policyStoredText(accountId, row)) !== text) {
      yield found(
        'logged_policy_differs',
        `the policy has another name or version than in ${entryOf(index)}`,
      );
    }
  }
}
