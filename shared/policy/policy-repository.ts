// Policy versions as they were in force, their text kept byte for byte.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { StoreFailure } from '../mongo/store-failure.ts';
import { tryOn } from '../mongo/try-on.ts';

/** A stored policy: its text byte for byte, under the SHA-256 of its bytes in hex. */
export type PolicyVersion = Readonly<{
  name: string;
  version: number;
  text: string;
  /** Over the text's UTF-8 bytes. */
  sha256Hex: string;
}>;

type StoredPolicy = { _id: string; account_id: string; name: string; version: number; text: string };

const POLICIES = 'policies';

/** Indexes of `policies`: an account's name and version name one text. */
export const POLICY_INDEXES: readonly IndexSpec[] = [
  { collection: POLICIES, key: { account_id: 1, name: 1, version: 1 }, unique: true },
];

/** Policy versions of an account, by the SHA-256 of their text. */
export type PolicyRepository = ReturnType<typeof createPolicyRepository>;

/**
 * Stores and finds the policies of an account. All methods reject with the driver's error when the database does not
 * answer.
 */
export function createPolicyRepository(db: Db) {
  const policies: Collection<StoredPolicy> = evidenceCollection(db, POLICIES);

  return {
    /** The policy with this text, or null. */
    async find(accountId: string, sha256Hex: string): Promise<PolicyVersion | null> {
      const row = await policies.findOne(
        { _id: policyId(accountId, sha256Hex) },
        { projection: { name: 1, version: 1, text: 1 } },
      );
      return row && { name: row.name, version: row.version, text: row.text, sha256Hex };
    },

    /**
     * Stores a version once; `conflict` when this name and version is stored with another text. Tries on for 20 s while
     * the database is away.
     */
    async insert(accountId: string, policy: PolicyVersion): Promise<'stored' | 'conflict'> {
      const { name, version, text, sha256Hex } = policy;
      const row = { _id: policyId(accountId, sha256Hex), account_id: accountId, name, version, text };
      return await tryOn(async () => {
        if (await insertRow(policies, row)) return 'stored';
        const stored = await policies.findOne(
          { account_id: accountId, name, version },
          { projection: { _id: 1 } },
        );
        // The row is on the primary, and no majority has it yet.
        if (!stored) throw new StoreFailure('unavailable');
        return stored._id === row._id ? 'stored' : 'conflict';
      });
    },
  };
}

function policyId(accountId: string, sha256Hex: string): string {
  return `${accountId}/${sha256Hex}`;
}
