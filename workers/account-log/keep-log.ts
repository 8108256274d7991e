// Brings one account log up to date: appends what is due, signs the checkpoint, has it witnessed.
import { consistencyRanges } from '../../shared/merkle/proof-ranges.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { sortCosignatures } from '../../shared/transparency/cosigners.ts';
import { rootsOf } from '../../shared/transparency/log-hashes.ts';
import type { SignedCheckpoint } from '../../shared/transparency/log-heads.ts';
import { logOrigin } from '../../shared/transparency/log-origin.ts';
import { extendLog, type OnAppended } from './extend-log.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { isSignedHere, signCheckpoint } from './sign-checkpoint.ts';

export type Kept = Readonly<{
  appended: number;
  /** Entries under the checkpoint. */
  size: number;
  /** Why nothing was signed; null where there is a checkpoint, or nothing to sign. */
  failed: string | null;
}>;

/** As `signLog`, and tells of the checkpoint, and asks the witnesses for it. */
export async function keepLog(
  deps: KeeperDeps,
  accountId: string,
  signal: AbortSignal,
  onAppended?: OnAppended,
): Promise<Kept> {
  const kept = await signLog(deps, accountId, signal, onAppended);
  const { checkpoint } = kept.size === 0 ? { checkpoint: null } : await deps.heads.find(accountId);
  if (checkpoint) {
    await announceSigned(deps, accountId, checkpoint);
    await witness(deps, accountId, checkpoint, signal);
  }
  return kept;
}

/** Appends what is due and signs. Safe to run twice and beside others. Rejects with the signal's reason when it aborts. */
export async function signLog(
  deps: KeeperDeps,
  accountId: string,
  signal: AbortSignal,
  onAppended?: OnAppended,
): Promise<Kept> {
  const { appended, size, isComplete } = await extendLog(deps, accountId, signal, onAppended);
  const isIdle = appended === 0 && isComplete && (await isSignedHere(deps, accountId, size));
  const signing = isIdle
    ? ({ kind: 'signed', size } as const)
    : await signCheckpoint(deps, accountId, signal);
  if (signing.kind === 'empty') return { appended, size: 0, failed: null };
  if (signing.kind === 'failed') return { appended, size: 0, failed: signing.reason };
  return { appended, size: signing.size, failed: null };
}

/** Messages are kept for much longer, so each checkpoint gives one, however often it is told of. */
const NEWS_MS = DAY_MS;

/** Tells webhooks of the checkpoint: whoever signed it may have been killed before it told. */
async function announceSigned(
  { announcer, identity }: KeeperDeps,
  accountId: string,
  { size, rootHex, signedAt }: SignedCheckpoint,
): Promise<void> {
  if (!announcer || Date.now() - signedAt.getTime() > NEWS_MS) return;
  const root = Buffer.from(rootHex, 'hex').toString('base64');
  const data = { size, origin: logOrigin(identity, accountId), root };
  await announcer.announce(accountId, { type: 'checkpoint.signed', data }, `${size} ${rootHex}`);
}

/**
 * Asks every witness that has not cosigned the stored checkpoint, all at once: one that hangs delays no other. Drops lines
 * under a witness's name that its key did not sign over this checkpoint: an auditor would take the log for a false one.
 */
async function witness(
  deps: KeeperDeps,
  accountId: string,
  checkpoint: SignedCheckpoint,
  signal: AbortSignal,
): Promise<void> {
  const submission = {
    origin: logOrigin(deps.identity, accountId),
    size: checkpoint.size,
    note: checkpoint.note,
    proofFrom: (oldSize: number) => rootsOf(deps, accountId, consistencyRanges(oldSize, checkpoint.size)),
  };
  await Promise.all(
    deps.witnesses.map(async (one) => {
      const { name } = one.key;
      const { valid, invalid } = sortCosignatures(checkpoint, one.key);
      for (const line of invalid) await deps.heads.dropCosignature(accountId, checkpoint.size, line);
      if (invalid.length > 0) {
        const about = { account_id: accountId, witness: name, lines: invalid.length };
        deps.log.error(about, 'somebody wrote a false cosignature into the database: it is dropped');
      }
      if (valid.length > 0) return;
      const outcome = await one.cosign(submission, signal);
      if (outcome.kind === 'cosigned') {
        await deps.heads.keepCosignature(accountId, checkpoint.size, outcome.cosignature);
        return;
      }
      const about = { account_id: accountId, witness: name, problem: outcome.problem };
      if (outcome.kind === 'away')
        deps.log.warn(about, 'a witness did not cosign the checkpoint: it is asked again');
      else deps.log.error(about, 'a witness contradicts the account log');
    }),
  );
}
