// Brings one account log up to date: appends what is due, signs the checkpoint, tells of it.
import { DAY_MS } from '../../shared/time/durations.ts';
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

/** As `signLog`, and tells of the checkpoint. */
export async function keepLog(
  deps: KeeperDeps,
  accountId: string,
  signal: AbortSignal,
  onAppended?: OnAppended,
): Promise<Kept> {
  const kept = await signLog(deps, accountId, signal, onAppended);
  const { checkpoint } = kept.size === 0 ? { checkpoint: null } : await deps.heads.find(accountId);
  if (checkpoint) await announceSigned(deps, accountId, checkpoint);
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
