// Asks a witness for its cosignature of an account's newest checkpoint, and keeps what comes of it.
import { consistencyRanges } from '../../shared/merkle/proof-ranges.ts';
import { sortCosignatures } from '../../shared/transparency/cosigners.ts';
import { rootsOf } from '../../shared/transparency/log-hashes.ts';
import { logOrigin } from '../../shared/transparency/log-origin.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import type { Cosigning, WitnessClient } from './witness-client.ts';

export type AskDeps = Pick<KeeperDeps, 'identity' | 'heads' | 'segments' | 'tiles' | 'log'>;

/**
 * Null where nothing was to be asked: no checkpoint is stored, the witness has cosigned it, or another was signed meanwhile.
 * Drops lines under the witness's name that its key did not sign over this checkpoint: an auditor would take the log for a
 * false one. A witness that contradicts the log is noted on its head until it cosigns.
 */
export async function askWitness(
  deps: AskDeps,
  accountId: string,
  witness: WitnessClient,
  signal: AbortSignal,
): Promise<Cosigning | null> {
  const { heads, identity, log } = deps;
  const { checkpoint, contradictions } = await heads.find(accountId);
  if (!checkpoint) return null;
  const { size, note } = checkpoint;
  const { name } = witness.key;
  const noted = contradictions.find((each) => each.name === name);
  const clear = async () => {
    if (noted) await heads.clearContradiction(accountId, name);
  };
  const { valid, invalid } = sortCosignatures(checkpoint, witness.key);
  for (const line of invalid) await heads.dropCosignature(accountId, size, line);
  if (invalid.length > 0) {
    const about = { account_id: accountId, witness: name, lines: invalid.length };
    log.error(about, 'somebody wrote a false cosignature into the database: it is dropped');
  }
  if (valid.length > 0) {
    await clear();
    return null;
  }
  const outcome = await witness.cosign(
    {
      ...{ origin: logOrigin(identity, accountId), size, note },
      proofFrom: (oldSize: number) => rootsOf(deps, accountId, consistencyRanges(oldSize, size)),
    },
    signal,
  );
  if (outcome.kind === 'cosigned') {
    await heads.keepCosignature(accountId, size, outcome.cosignature);
    await clear();
    return outcome;
  }
  const about = { account_id: accountId, witness: name, problem: outcome.problem };
  if (outcome.kind === 'away') {
    log.warn(about, 'a witness did not cosign the checkpoint: it is asked again');
    return outcome;
  }
  // A witness that another keeper asked meanwhile, for a checkpoint that follows this one, is right.
  if ((await heads.find(accountId)).checkpoint?.size !== size) return null;
  const { problem } = outcome;
  await heads.noteContradiction(accountId, { name, problem, foundAt: noted?.foundAt ?? new Date() });
  log.error(about, 'a witness contradicts the account log');
  return outcome;
}
