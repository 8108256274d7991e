// Compares reports and policies with what the account log holds of them.
import { entryTextOf } from '../../shared/reports/stated-entry.ts';
import { policyStoredText, unlessMisformed } from '../../shared/transparency/log-entry.ts';
import { type EntryText, entryOf, type NamedRightly, ofKind, textAt } from './entry-text.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import type { LogFinding } from './log-finding.ts';

type Deps = Pick<KeeperDeps, 'reports' | 'policies' | 'segments'>;

/** A report's row is never removed and never changed, but for the entry that it names. */
export async function* compareReports(
  { reports, segments }: Pick<Deps, 'reports' | 'segments'>,
  accountId: string,
  page: readonly EntryText[],
  namedRightly: NamedRightly,
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
    if (logIndex === index) namedRightly.reports += 1;
    if (entryTextOf(accountId, row) !== text) {
      const what = entry.json_sha256 === row.jsonSha256Hex ? 'other values' : 'another SHA-256';
      yield found('logged_report_differs', `its row in the ledger states ${what} than ${entryOf(index)}`);
    } else if (logIndex === undefined ? isMarked : logIndex !== index) {
      // A row that came back from a backup may have been logged again.
      const isAgain = logIndex !== undefined && (await textAt(segments, accountId, logIndex)) === text;
      if (isAgain) continue;
      await reports.markLogged(accountId, [{ reportId: about, index }]);
      yield found(
        'logged_report_unnamed',
        `its row in the ledger did not name ${entryOf(index)}, and does again`,
      );
    }
  }
}

/** A policy version is never removed and never changed. */
export async function* comparePolicies(
  { policies, segments }: Pick<Deps, 'policies' | 'segments'>,
  accountId: string,
  page: readonly EntryText[],
  namedRightly: NamedRightly,
): AsyncGenerator<LogFinding> {
  const stored = ofKind(page, 'policy_stored');
  const rows = await policies.findLogged(
    accountId,
    stored.map(({ entry }) => entry.sha256),
  );
  for (const { entry, text, index, isMarked } of stored) {
    const { sha256: about } = entry;
    const found = (finding: string, line: string): LogFinding => ({
      ...{ finding, about, accountId, line },
      details: { policy_sha256: about, log_index: index },
    });
    const row = rows.get(about);
    if (!row) {
      const line = `${entryOf(index)} says that the policy was stored, and it is gone, or has another text: import it again`;
      yield found('logged_policy_gone', line);
      continue;
    }
    const { logIndex } = row;
    if (logIndex === index) namedRightly.policies += 1;
    if (unlessMisformed(() => policyStoredText(accountId, row)) !== text) {
      yield found(
        'logged_policy_differs',
        `the policy has another name or version than in ${entryOf(index)}`,
      );
    } else if (logIndex === undefined ? isMarked : logIndex !== index) {
      const isAgain = logIndex !== undefined && (await textAt(segments, accountId, logIndex)) === text;
      if (isAgain) continue;
      await policies.markLogged(accountId, [{ sha256Hex: about, index }]);
      yield found('logged_policy_unnamed', `its row did not name ${entryOf(index)}, and does again`);
    }
  }
}
