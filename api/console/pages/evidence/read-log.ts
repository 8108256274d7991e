// What pages say of an account's log, by one read of its head. Nothing of it is shown that a signature does not hold.
import { lastCosignedAt } from '../../../../shared/transparency/cosigners.ts';
import { logOrigin } from '../../../../shared/transparency/log-origin.ts';
import type { LogStanding } from '../../../../shared/transparency/log-reader.ts';
import type { ApiDeps } from '../../../http/context.ts';

/** What a configured witness has said of the checkpoint. */
export type WitnessView = Readonly<{
  name: string;
  /** When it last saw the log, as its cosignature says; null where there is none that its key made. */
  at: Date | null;
  /** Since when it says that it holds another log; null where it does not. */
  contradictsSince: Date | null;
}>;

/** The log of an account. */
export type LogView = Omit<LogStanding, 'checkpoint' | 'contradictions'> &
  Readonly<{
    origin: string;
    checkpoint: Readonly<{ size: number; signedAt: Date }> | null;
    witnesses: readonly WitnessView[];
  }>;

export type LogDeps = Pick<ApiDeps, 'accountLog' | 'witnesses'>;

/** Null where this deployment has no key of the logs. */
export async function readLog(
  { accountLog, witnesses }: LogDeps,
  accountId: string,
): Promise<LogView | null> {
  if (!accountLog) return null;
  const standing = await accountLog.reader.standing(accountId);
  const { checkpoint, contradictions, ...rest } = standing;
  return {
    ...{ ...rest, checkpoint },
    origin: logOrigin(accountLog.identity, accountId),
    witnesses: witnesses.map((key) => ({
      name: key.name,
      at: checkpoint && lastCosignedAt(checkpoint, key),
      contradictsSince: contradictions.find(({ name }) => name === key.name)?.foundAt ?? null,
    })),
  };
}
