// `npm run backfill`: Merkle roots for ended sessions that have none, and a check of those that have.
import type { SessionSnapshot } from '../shared/sessions/session.ts';
import type { DerivedDeps } from '../workers/derived/deps.ts';
import { storeRoot } from '../workers/derived/store-root.ts';
import { verifyLog, walkLog } from '../workers/derived/verify-log.ts';
import { refused } from './batch/describe-verdict.ts';
import { parseSessionOptions, RUN_USAGE, SELECTION_USAGE, SESSION_OPTIONS } from './batch/options.ts';
import { runOverSessions, type Visited } from './batch/run-over-sessions.ts';
import { runCommand } from './command/command.ts';

const USAGE = `usage: npm run backfill [-- OPTIONS]

Walks the log of every ended session that has no Merkle root and stores the root. A log that failed is named and
its root is never stored; a root that is stored is never overwritten. It may be stopped and given again, run beside the service
and beside itself: what is done already is skipped.

${SELECTION_USAGE}
  --verify            walks sessions that have a root as well, and names each whose root is another now
  --dry-run           walks and says what would be done; nothing is written
${RUN_USAGE}

exit: 0 done, 2 a log failed or has another root, 1 something is unverifiable, was stopped, or another error,
64 usage`;

const OPTIONS = { ...SESSION_OPTIONS, verify: { type: 'boolean' } } as const;

const OUTCOMES = ['stored', 'would be stored', 'root agrees', 'skipped', 'failed', 'unverifiable'];
const NEVER = new AbortController().signal;

async function visit(
  deps: DerivedDeps,
  { accountId, sessionId }: { accountId: string; sessionId: string },
  dryRun: boolean,
): Promise<Visited> {
  for (;;) {
    const work = await deps.sessions.findSnapshot(accountId, sessionId);
    if (!work || work.session.endedAt === null) return { outcome: 'skipped' };
    if (dryRun || work.session.merkleRootHex !== null) return await compare(deps, work, dryRun);
    const outcome = await storeRoot(deps, work, NEVER);
    if (outcome.kind === 'refused') return refused(outcome.verdict);
    if (outcome.kind === 'not_due') return { outcome: 'skipped' };
    if (outcome.kind === 'stored') {
      return { outcome: 'stored', details: { merkle_root_hex: outcome.rootHex, size: outcome.size } };
    }
    // Somebody changed it meanwhile: it is looked at anew.
  }
}

/** Walks the log and holds it against the root that is stored, if one is. */
async function compare(deps: DerivedDeps, work: SessionSnapshot, dryRun: boolean): Promise<Visited> {
  const { session } = work;
  const verdict = await (dryRun ? walkLog : verifyLog)(deps, work, NEVER);
  if (verdict.status !== 'verified') return refused(verdict);
  const details = { merkle_root_hex: verdict.rootHex, size: verdict.size };
  return { outcome: session.merkleRootHex === null ? 'would be stored' : 'root agrees', details };
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const options = parseSessionOptions(values, positionals);
    const { dryRun } = options;
    const verify = values.verify === true;
    return await runOverSessions({
      name: 'backfill',
      label: verify ? 'Verifying and storing roots' : 'Storing roots',
      ...options,
      selection: { ...options.selection, ended: true, withoutRoot: !verify },
      // What has its root is not selected again, so only a verification has to remember where it was.
      resumeBy: verify ? options.resumeBy : null,
      outcomes: OUTCOMES.filter((name) => (dryRun ? name !== 'stored' : name !== 'would be stored')),
      visit: (deps, session) => visit(deps, session, dryRun),
    });
  });
}
