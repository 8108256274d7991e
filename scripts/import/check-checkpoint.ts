// What stands beside the signed note of a bundle's checkpoint, and is under no signature of the log: lines of witnesses, and
// when it was signed.
import { cosignedAt } from '../../shared/transparency/cosigners.ts';
import type { Cosignature, SignedCheckpoint } from '../../shared/transparency/log-heads.ts';
import type { VerifierKey } from '../../shared/transparency/verifier-key.ts';
import { nameSome, type Problems, quoteName } from './problems.ts';
import type { ReadLog } from './read-account-log.ts';

/** The checkpoint with the cosignatures that one of the keys made, at the times that they state. Warns of the others. */
export function checkCheckpoint(
  { checkpoint, lastReportAt }: Pick<ReadLog, 'checkpoint' | 'lastReportAt'>,
  witnesses: readonly VerifierKey[],
  problems: Problems,
): SignedCheckpoint | null {
  if (!checkpoint) return null;
  const { note } = checkpoint;
  const dropped = new Set<string>();
  const cosignatures = checkpoint.cosignatures.flatMap((given): Cosignature[] => {
    const [at] = witnesses.flatMap((key) => cosignedAt(note, given, key) ?? []);
    if (!at) dropped.add(quoteName(given.name));
    return at ? [{ ...given, at }] : [];
  });
  if (dropped.size > 0) {
    problems.warn(
      'account-log.ndjson',
      `${checkpoint.cosignatures.length - cosignatures.length} cosignatures of its checkpoint are left out: no witness of WITNESSES_FILE made them: ${nameSome(dropped)}; the workers ask each witness of WITNESSES_FILE again`,
    );
  }
  const signedAt = checkpoint.signedAt.getTime();
  if (signedAt < lastReportAt || signedAt > Date.now()) {
    problems.warn(
      'account-log.ndjson',
      'the signed_at of its checkpoint cannot be true, by the reports in the log and the clock here; no signature covers it, and it is shown until the next checkpoint is signed',
    );
  }
  return { ...checkpoint, cosignatures };
}
