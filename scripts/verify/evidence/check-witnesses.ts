// The axis `witnesses`.
import { type Cosigned, verifyCosignature } from '../../../shared/transparency/cosignature.ts';
import { isOf } from '../../../shared/transparency/note.ts';
import type { VerifierKey } from '../../../shared/transparency/verifier-key.ts';
import type { SignedLog } from './check-log.ts';
import { holds, unchecked, type Verdict, wrong } from './verdict.ts';

export function checkWitnesses(
  witnesses: readonly VerifierKey[],
  log: Verdict,
  seen: readonly SignedLog[],
): string {
  if (witnesses.length === 0) return unchecked('no key of a witness was given (--witness)');
  if (!holds(log)) return unchecked('the log is not verified');
  const found = witnesses.map((witness) => {
    const times = seen.flatMap(({ note }) =>
      note.signatures
        .filter((signature) => isOf(signature, witness))
        .map(
          (signature) =>
            verifyCosignature(note.text, signature, witness) ??
            wrong(`the cosignature of ${witness.name} is wrong`),
        ),
    );
    return { witness, times };
  });
  const away = found.find(({ times }) => times.length === 0);
  if (away) return unchecked(`${away.witness.name} has not cosigned`);
  const latest = (times: readonly Cosigned[]) =>
    new Date(Math.max(...times.map(({ at }) => at.getTime()))).toISOString();
  return found.map(({ witness, times }) => `${witness.name} at ${latest(times)}`).join(', ');
}
