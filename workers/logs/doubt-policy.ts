// Holds the policy that a session's row names against the policy's own text. The seal covers the SHA-256 of the text and
// neither name nor version, so one changed row would make every report over many sessions disagree with itself.
import { hash } from 'node:crypto';
import type { Db } from 'mongodb';
import { parsePolicy } from '../../shared/policy/parse-policy.ts';
import { createPolicyRepository } from '../../shared/policy/policy-repository.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';

export type PolicyDoubter = ReturnType<typeof createPolicyDoubter>;

/** Name and version, as the text under a SHA-256 states them. */
type Stated = Readonly<{ name: string; version: number }>;

/** Texts remembered in each thread: what a SHA-256 stands for never changes. */
const KEPT = 1000;
/** A text that is not stored may come with an import. Asking for each of 50,000 sessions would take many seconds. */
const ABSENT_MS = 5000;

/** Rejects with the driver's error when the database is away. */
export function createPolicyDoubter(db: Db) {
  const policies = createPolicyRepository(db);
  const kept = new Map<string, Stated>();
  const absentUntil = new Map<string, number>();

  async function statedBy(accountId: string, sha256Hex: string): Promise<Stated | null> {
    const id = `${accountId}/${sha256Hex}`;
    const known = kept.get(id);
    if (known) return known;
    if ((absentUntil.get(id) ?? 0) > performance.now()) return null;
    const text = (await policies.find(accountId, sha256Hex))?.text;
    const isIntact = text !== undefined && hash('sha256', text) === sha256Hex;
    const parsed = isIntact ? parsePolicy(text) : null;
    if (!parsed?.ok) {
      keep(absentUntil, id, performance.now() + ABSENT_MS);
      return null;
    }
    const { name, version } = parsed.policy;
    keep(kept, id, { name, version });
    return { name, version };
  }

  return {
    /**
     * The field of the row that the stored policies contradict; null where none does, or where none can be told. A policy
     * that is not stored contradicts no sealed log: the seal vouches for its SHA-256. Without a seal, the SHA-256 is
     * contradicted where the version that the row names is stored under another.
     */
    async contradicted(session: RecordedSession): Promise<string | null> {
      const { accountId, policyName, policyVersion, policySha256Hex, log } = session;
      const stated = await statedBy(accountId, policySha256Hex);
      if (stated) {
        if (stated.name !== policyName) return 'policy_name';
        return stated.version === policyVersion ? null : 'policy_version';
      }
      if (log.seal !== null) return null;
      const named = await policies.findVersion(accountId, policyName, policyVersion);
      if (!named || named.sha256Hex === policySha256Hex) return null;
      return (await statedBy(accountId, named.sha256Hex)) ? 'policy_sha256' : null;
    },
  };
}

function keep<Value>(map: Map<string, Value>, id: string, value: Value): void {
  map.delete(id);
  map.set(id, value);
  if (map.size > KEPT) map.delete(map.keys().next().value as string);
}
