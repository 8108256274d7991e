// `npm run verify`: walks stored logs, or checks issued reports against them, and says what it found.
import { isId } from '../shared/audit/ids.ts';
import { parseAccount } from './command/account-options.ts';
import { callerPath } from './command/caller-file.ts';
import { type ExitCode, runCommand, UsageError } from './command/command.ts';
import { connect } from './command/connect.ts';
import { EVIDENCE_OPTIONS } from './verify/evidence/options.ts';
import { NEEDS_KEY } from './verify/needs-key.ts';
import { verifyLogs } from './verify/verify-logs.ts';

const USAGE = `usage: npm run verify -- SESSION_ID | --all | --marked | REPORT.pdf | REPORT.json
       npm run verify -- FILE [FILE] --key VERIFIER_KEY [options]
       npm run verify -- --access [--account ID]

Walks the audit log of one session, or of all, from end to end. Checks every entry, link and HMAC, the recorded head,
the seal, and every anchor: the stored root and the reported root. Prints a verdict per session: verified, FAILED
with the fault and its place, or unverifiable. Marks each log that failed or is unverifiable; a verified log loses its
mark.

With --all it also looks for what still names a session that is gone or hidden, and exits 2 if there is any: segments,
reports in the ledger, and sums of hours without a session; sessions that an import hid more than a day ago; segments
and rows that no walk comes to. The same for what sessions name and is not stored: policies, agents and accounts.
Where a signing key is configured, it holds every account log against what was signed of it, and sessions, reports and
policies against the log: one that was deleted or changed is named. So is a report that this deployment did not sign.

For an issued report: takes the JSON out of the PDF and checks it against its schema, its policy, the stored log and the
ledger. Compares the PDF's bytes with the digest in the ledger that this deployment signed; where that has none, prints
the pages again. Prints a verdict per axis: verified, FAILED, unverifiable, or not checked where this machine cannot
print the same pages.

With --key it checks the evidence in a file as an outsider can, and needs no database: a report (PDF, JSON, or a pack as
.zip), the proof of an event or of a stretch of events, a report's JSON and its statement, or two reports of one session.
Prints verified, failed or not checked for bytes, statement, entries, completeness, log, witnesses, pages and macs. With a
database, also for the stored log, the stored report and the ledger. node scripts/verifiers/verify.mjs checks the same.

With --access it walks the access record of every account, or of one: every row, link and HMAC. Prints verified, FAILED with
the fault and its place, or unverifiable where rows are unsigned or under a key that is not configured. No record shows
whether its newest rows were cut off: compare the last hash with one that you kept.

  --key VERIFIER_KEY       of the account's log (GET /api/v1/log/key); may repeat
  --witness VERIFIER_KEY   of a witness; may repeat
  --audit-key-file FILE    audit keys, to check the chain and the seal
  --require AXIS,...       exits 1 where one of these is not checked
  --self-test              changes one bit after another, in memory, and shows that each change is caught

  --all      every session of every account
  --marked   the sessions alone whose log is marked as failed or unverifiable
  --access   the access records, of the account that --account names or of all
  --sealed   also fails where a session ended and its log is not sealed: its tail may have been cut
  --json     prints one JSON object per line

exit: 0 all verified, 2 a log or report failed, a session is gone, or a row is damaged, 1 something is unverifiable or not checked, or another error, 64 usage;
with --key: 0 nothing failed, and statement, entries or log is verified, 2 something failed, 1 nothing that matters was checked`;

const OPTIONS = {
  ...EVIDENCE_OPTIONS,
  all: { type: 'boolean' },
  marked: { type: 'boolean' },
  sealed: { type: 'boolean' },
  access: { type: 'boolean' },
  account: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Options that say nothing without a key. */
const EVIDENCE_ONLY = ['witness', 'audit-key-file', 'require', 'self-test'] as const;

/** The command, with the arguments of this process. */
export async function runVerify(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    if (values.key !== undefined) {
      if (values.all || values.marked || values.sealed || values.access) {
        throw new UsageError('--key is for files: name one, or two.');
      }
      const { verifyEvidenceFiles } = await import('./verify/evidence/evidence-command.ts');
      return await verifyEvidenceFiles({ values, positionals });
    }
    if (EVIDENCE_ONLY.some((name) => values[name] !== undefined)) {
      throw new UsageError('Name the verifier key, too: --key.');
    }
    if (values.access) {
      const { account = null, all, marked, sealed, json = false } = values;
      if (all || marked || sealed)
        throw new UsageError('--access walks access records, and no logs: leave the options for logs out.');
      const accountId = account === null ? null : parseAccount(account, positionals);
      if (positionals.length > 0)
        throw new UsageError('--access takes no session: name an account, --account acc_….');
      const { verifyAccess } = await import('./verify/verify-access.ts');
      await using connected = await connect({ onlyReads: true });
      return await verifyAccess(connected, accountId, json);
    }
    if (values.account !== undefined) throw new UsageError('--account is for --access.');
    const [sessionId, ...rest] = positionals;
    const named = [sessionId, values.all, values.marked].filter(
      (each) => each !== undefined && each !== false,
    );
    if (rest.length > 0 || named.length !== 1) {
      throw new UsageError('Name one session, one report, --all or --marked.');
    }
    if (sessionId !== undefined && /\.(?:pdf|json)$/i.test(sessionId)) {
      if (values.sealed) throw new UsageError('--sealed is for logs: a report states its log itself.');
      // The modules that read and print PDFs take longer to load than a log takes to walk.
      const { verifyReportFile } = await import('./verify/report-file.ts');
      return await verifyReportFile(callerPath(sessionId), values.json === true);
    }
    if (sessionId !== undefined && /\.(?:zip|note)$/i.test(sessionId)) throw new UsageError(NEEDS_KEY);
    if (sessionId !== undefined && !isId('session', sessionId)) {
      throw new UsageError('A session id is sess_ and 26 upper-case characters.');
    }
    await using connected = await connect({ onlyReads: true });
    const options = { json: values.json === true, mustBeSealed: values.sealed === true };
    const subject = values.marked ? 'marked' : sessionId === undefined ? 'all' : { sessionId };
    return await verifyLogs(connected, subject, options);
  });
}

if (import.meta.main) process.exitCode = await runVerify();
