// `npm run pack`: packs the segments that an earlier version stored as arrays of entries.
import type { LogRef } from '../shared/audit/log-record.ts';
import { createSegmentPacker, type SegmentPacker } from '../shared/log-store/segment-packer.ts';
import type { DeriveDeps } from '../workers/jobs/job.ts';
import { refused } from './batch/describe-verdict.ts';
import { parseSessionOptions, RUN_USAGE, SELECTION_USAGE, SESSION_OPTIONS } from './batch/options.ts';
import { runOverSessions, type Visited } from './batch/run-over-sessions.ts';
import { type ExitCode, runCommand } from './command/command.ts';

const USAGE = `usage: npm run pack [-- OPTIONS]

Packs every segment of a log that is full, or whose log is closed, and that an earlier version stored as an array of
entries: to about a sixth of the bytes. The entries stay as they are, byte for byte. Each log is verified before and
after; one that failed or is unverifiable is named and left as it is. The command can be stopped and given again: it
skips what is packed already. It can run beside the service and beside a copy of itself.

${SELECTION_USAGE}
  --dry-run           verifies and says what would be packed; writes nothing
${RUN_USAGE}

exit: 0 done, 2 a log failed, 1 a log is unverifiable, the command was stopped, or another error, 64 usage`;

const OUTCOMES = ['packed', 'would be packed', 'packed already', 'failed', 'unverifiable'];
const NEVER = new AbortController().signal;

async function visit(
  deps: DeriveDeps,
  packer: SegmentPacker,
  ref: LogRef,
  dryRun: boolean,
): Promise<Visited> {
  const already: Visited = { outcome: 'packed already' };
  const snapshot = await deps.sessions.findSnapshot(ref.accountId, ref.sessionId);
  const due = snapshot ? await packer.listUnpacked(ref, snapshot.session.log.size) : [];
  if (due.length === 0) return already;
  const before = await verify(deps, ref);
  if (!before) return already;
  if (before.status !== 'verified') return refused(before);
  if (dryRun) return { outcome: 'would be packed', details: { segments: due.length } };
  let [segments, bytesBefore, bytesAfter] = [0, 0, 0];
  for (const index of due) {
    const packed = await packer.pack(ref, index);
    if (!packed) continue;
    segments += 1;
    bytesBefore += packed.before;
    bytesAfter += packed.after;
  }
  if (segments === 0) return already;
  const after = await verify(deps, ref, before);
  if (after && after.status !== 'verified') return refused(after);
  return { outcome: 'packed', details: { segments, bytes_before: bytesBefore, bytes_after: bytesAfter } };
}

/** Verifies the log against everything recorded of it, and against the root that it gave before. */
async function verify(
  { pool, recordOutcome }: DeriveDeps,
  ref: LogRef,
  before?: Readonly<{ size: number; rootHex: string }>,
) {
  const anchors = before ? [{ source: 'stored', size: before.size, rootHex: before.rootHex } as const] : [];
  const evidence = await pool.verifySession(ref, { signal: NEVER, listed: 0, anchors });
  if (!evidence) return null;
  await recordOutcome(evidence.found, evidence.verdict);
  return evidence.verdict;
}

/** The command, with the arguments of this process. */
export async function runPack(): Promise<ExitCode> {
  return await runCommand(USAGE, SESSION_OPTIONS, async ({ values, positionals }) => {
    const options = parseSessionOptions(values, positionals);
    const { dryRun } = options;
    let packer: SegmentPacker | undefined;
    return await runOverSessions({
      name: 'pack',
      label: 'Packing segments',
      ...options,
      // What is packed is skipped by a look at its segments, so no checkpoint is needed.
      resumeBy: null,
      outcomes: OUTCOMES.filter((name) => (dryRun ? name !== 'packed' : name !== 'would be packed')),
      visit(deps, session, { db }) {
        packer ??= createSegmentPacker(db);
        return visit(deps, packer, session, dryRun);
      },
    });
  });
}

if (import.meta.main) process.exitCode = await runPack();
