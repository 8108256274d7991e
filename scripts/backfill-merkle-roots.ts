// `npm run backfill`: Merkle roots for ended sessions that have none, and a check of those that have.
import type { LogRef } from '../shared/audit/log-record.ts';
import type { DeriveDeps } from '../workers/jobs/job.ts';
import { storeRoot } from '../workers/jobs/store-root.ts';
import { backfillLog } from './backfill/backfill-log.ts';
import { backfillOpenings } from './backfill/backfill-openings.ts';
import { refused } from './batch/describe-verdict.ts';
import {
  parseSessionOptions,
  RESTART_OPTION,
  RESTART_USAGE,
  RUN_USAGE,
  SELECTION_USAGE,
  SESSION_OPTIONS,
  type SessionOptions,
} from './batch/options.ts';
import { runOverSessions, type Visited } from './batch/run-over-sessions.ts';
import { type ExitCode, runCommand, UsageError } from './command/command.ts';

const USAGE = `usage: npm run backfill [-- OPTIONS]

Walks the log of every ended session that has no Merkle root and stores the root. Names and marks each log that failed
or is unverifiable, and stores no root for it. Counts those that are verified but unsealed. Never overwrites a stored root. The command can be stopped and given
again: it skips what is done already. With --verify it goes on where it was stopped, and prints the counts of the earlier run
in a line of their own. It can run beside the service and beside a copy of itself.

${SELECTION_USAGE}
  --log               takes what was stored before the account log existed into it: sessions with a root, policies;
                      appends everything that is due, signs the checkpoints. With --account and --json alone
  --openings          marks how the sessions without a seal began that a release without opening marks stored, and prints
                      them: their keys stand for these rows from then on, so look at them with --dry-run first. With
                      --account, --dry-run and --json alone
  --verify            also walks sessions that have a root, and names each whose log gives another root
${RESTART_USAGE}
  --dry-run           walks and says what would be done; writes nothing
${RUN_USAGE}

exit: 0 done, 2 a log failed or gives another root, or an account log contradicts its checkpoint, 1 a log is unverifiable, the command was stopped, or another
error, 64 usage`;

const OPTIONS = {
  ...SESSION_OPTIONS,
  ...RESTART_OPTION,
  verify: { type: 'boolean' },
  log: { type: 'boolean' },
  openings: { type: 'boolean' },
} as const;

const OUTCOMES = ['stored', 'would be stored', 'root agrees', 'skipped', 'failed', 'unverifiable'];
const NEVER = new AbortController().signal;

async function visit(deps: DeriveDeps, ref: LogRef, dryRun: boolean): Promise<Visited> {
  for (;;) {
    const before = await deps.sessions.findSnapshot(ref.accountId, ref.sessionId);
    if (!before || before.session.endedAt === null) return { outcome: 'skipped' };
    if (dryRun || before.session.merkleRootHex !== null) return await compare(deps, ref, dryRun);
    const outcome = await storeRoot(deps, ref, NEVER);
    if (outcome.kind === 'refused') return refused(outcome.verdict);
    if (outcome.kind === 'not_due' || outcome.kind === 'no_session') return { outcome: 'skipped' };
    if (outcome.kind === 'stored') {
      const { rootHex, size, state } = outcome;
      return {
        outcome: 'stored',
        isUnsealed: state === 'unsealed',
        details: { merkle_root_hex: rootHex, size, state },
      };
    }
    // Another writer changed the session during the walk, so the loop reads it again.
  }
}

/** Verifies the log, and with it the stored root where there is one. Stores no root. */
async function compare(deps: DeriveDeps, ref: LogRef, dryRun: boolean): Promise<Visited> {
  const evidence = await deps.pool.verifySession(ref, { signal: NEVER, listed: 0 });
  if (!evidence) return { outcome: 'skipped' };
  const { found, verdict } = evidence;
  if (!dryRun) await deps.recordOutcome(found, verdict);
  if (verdict.status !== 'verified') return refused(verdict);
  const { rootHex, size, state } = verdict;
  const outcome = found.session.merkleRootHex === null ? 'would be stored' : 'root agrees';
  return { outcome, isUnsealed: state === 'unsealed', details: { merkle_root_hex: rootHex, size, state } };
}

/** What an option takes that is a command of its own. */
const BESIDE = { log: ['account', 'json'], openings: ['account', 'dry-run', 'json'] } as const;

function optionsOf(
  name: keyof typeof BESIDE,
  values: Record<string, unknown>,
  { selection, dryRun, json }: SessionOptions,
): Readonly<{ accountId: string | null; dryRun: boolean; json: boolean }> {
  const beside: readonly string[] = BESIDE[name];
  const other = Object.keys(values).find((value) => value !== name && !beside.includes(value));
  if (other !== undefined) {
    const taken = beside.map((value) => `--${value}`);
    throw new UsageError(
      `--${name} takes no --${other}: it takes ${taken.slice(0, -1).join(', ')} and ${taken.at(-1)}.`,
    );
  }
  return { accountId: selection.accountId ?? null, dryRun, json };
}

/** The command, with the arguments of this process. */
export async function runBackfill(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const options = parseSessionOptions(values, positionals);
    if (values.log === true) return await backfillLog(optionsOf('log', values, options));
    if (values.openings === true) return await backfillOpenings(optionsOf('openings', values, options));
    const { dryRun } = options;
    const verify = values.verify === true;
    return await runOverSessions({
      name: 'backfill',
      label: verify ? 'Verifying and storing roots' : 'Storing roots',
      ...options,
      selection: { ...options.selection, ended: true, withoutRoot: !verify },
      // A session that has its root is not selected again, so only --verify needs a checkpoint.
      resumeBy: verify ? options.resumeBy : null,
      outcomes: OUTCOMES.filter((name) => (dryRun ? name !== 'stored' : name !== 'would be stored')),
      visit: (deps, session) => visit(deps, session, dryRun),
    });
  });
}

if (import.meta.main) process.exitCode = await runBackfill();
