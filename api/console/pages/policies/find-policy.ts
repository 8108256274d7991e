import { z } from 'zod';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { PolicySummary } from '../../../../shared/policy/policy-repository.ts';
import type { ApiDeps } from '../../../http/context.ts';

/** The SHA-256 of a policy's text, which is the policy's address: it needs no free text in it. */
export function policyHash(name: string) {
  return z
    .string(`${name} must be given once.`)
    .regex(/^[0-9a-f]{64}$/, `${name} must be the SHA-256 of a policy, 64 digits of 0-9 and a-f.`);
}

/** Throws the same `not_found` for a malformed hash (null), an unknown one and another account's. */
export async function findPolicy(
  { policies }: Pick<ApiDeps, 'policies'>,
  accountId: string,
  sha256Hex: string | null,
): Promise<PolicySummary> {
  const found = sha256Hex === null ? null : await policies.findSummary(accountId, sha256Hex);
  if (!found) throw new AppError('not_found', 'The account has no such policy.');
  return found;
}

/** A version with its text. Throws as `findPolicy` does. */
export async function findPolicyText(
  deps: Pick<ApiDeps, 'policies'>,
  accountId: string,
  sha256Hex: string | null,
): Promise<PolicySummary & Readonly<{ text: string }>> {
  const summary = await findPolicy(deps, accountId, sha256Hex);
  const found = await deps.policies.find(accountId, summary.sha256Hex);
  if (!found) throw new AppError('not_found', 'The account has no such policy.');
  return { ...summary, text: found.text };
}
