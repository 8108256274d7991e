// Policy versions as they were in force, their text kept byte for byte.
import type { Collection, Db } from 'mongodb';
import { isHashHex } from '../audit/hash-hex.ts';
import { isDuplicateKey } from '../mongo/duplicate-key.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { StoreFailure } from '../mongo/store-failure.ts';
import { storedText } from '../mongo/stored-text.ts';
import { tryOn } from '../mongo/try-on.ts';
import { isTime } from '../time/is-time.ts';

/** A stored policy: its text byte for byte, under the SHA-256 of its bytes in hex. */
export type PolicyVersion = Readonly<{
  name: string;
  version: number;
  text: string;
  /** Over the text's UTF-8 bytes. */
  sha256Hex: string;
}>;

/** A stored policy without its text. */
export type PolicySummary = Omit<PolicyVersion, 'text'> &
  Readonly<{
    /** Null where it was stored before this was recorded. */
    storedAt: Date | null;
  }>;

/** A policy's row. */
export type StoredPolicy = {
  _id: string;
  account_id: string;
  name: string;
  version: number;
  text: string;
  stored_at?: Date;
  /** The account log lacks it. */
  log_due?: true;
  /** Which entry of the account log holds it. */
  log_index?: number;
};

/** Name of the collection. */
export const POLICIES = 'policies';

/** Indexes of `policies`: an account's name and version name one text. */
export const POLICY_INDEXES: readonly IndexSpec[] = [
  { collection: POLICIES, key: { account_id: 1, name: 1, version: 1 }, unique: true },
  { collection: POLICIES, key: { log_due: 1 }, sparse: true },
];

/** Policy versions of an account, by the SHA-256 of their text. */
export type PolicyRepository = ReturnType<typeof createPolicyRepository>;

/**
 * Stores and finds the policies of an account. All methods reject with the driver's error when the database does not
 * answer.
 */
export function createPolicyRepository(db: Db) {
  const policies: Collection<StoredPolicy> = evidenceCollection(db, POLICIES);

  async function restore(_id: string, held: Held): Promise<'stored' | 'conflict'> {
    try {
      await policies.updateOne({ _id }, { $set: held });
      return 'stored';
    } catch (error) {
      if (isDuplicateKey(error)) return 'conflict';
      throw error;
    }
  }

  return {
    /** The policy with this text; null where there is none, or its row holds no text: anybody's row may. */
    async find(accountId: string, sha256Hex: string): Promise<PolicyVersion | null> {
      const row = await policies.findOne(
        { _id: policyId(accountId, sha256Hex) },
        { projection: { name: 1, version: 1, text: 1 } },
      );
      if (typeof row?.text !== 'string') return null;
      const name = typeof row.name === 'string' ? row.name : '';
      return {
        name,
        version: Number.isSafeInteger(row.version) ? row.version : 0,
        text: row.text,
        sha256Hex,
      };
    },

    /** The policy of this name and version, without the text, or null. */
    async findVersion(accountId: string, name: string, version: number): Promise<PolicySummary | null> {
      const row = await policies.findOne(
        { account_id: accountId, name, version },
        { projection: SUMMARY_FIELDS },
      );
      return row && toSummary(accountId, row);
    },

    /** The policy with this text, without the text, or null. */
    async findSummary(accountId: string, sha256Hex: string): Promise<PolicySummary | null> {
      const filter = { _id: policyId(accountId, sha256Hex) };
      const row = await policies.findOne(filter, { projection: SUMMARY_FIELDS });
      return row && toSummary(accountId, row);
    },

    /**
     * Versions by name and then by number, ascending: at most `limit`, from the first after `after`; of one name where one
     * is given. Passes over rows that no import made: whoever writes to the database can leave one of any types.
     */
    async list(
      accountId: string,
      { name, after, limit }: Readonly<{ name?: string; after: PolicySummary | null; limit: number }>,
    ): Promise<PolicySummary[]> {
      const next = after && [
        { name: { $gt: after.name } },
        { name: after.name, version: { $gt: after.version } },
      ];
      const filter = {
        account_id: accountId,
        ...(name !== undefined && { name }),
        ...(next && { $or: next }),
      };
      const rows = policies
        .find(filter, { projection: SUMMARY_FIELDS, ...LISTED_WITHIN })
        .sort({ name: 1, version: 1 })
        .batchSize(limit + 1);
      const page: PolicySummary[] = [];
      for await (const row of rows) {
        const summary = toSummary(accountId, row);
        if (summary) page.push(summary);
        if (page.length === limit) break;
      }
      return page;
    },

    /** What `insert` would do now. */
    async outcomeOf(accountId: string, policy: PolicyVersion): Promise<'stored' | 'found' | 'conflict'> {
      const { name, version, text, sha256Hex } = policy;
      const projection = { account_id: 1, name: 1, version: 1, text: 1 } as const;
      const own = await policies.findOne({ _id: policyId(accountId, sha256Hex) }, { projection });
      if (own && isSame(own, { account_id: accountId, name, version, text })) return 'found';
      const other = await policies.findOne(
        { account_id: accountId, name, version },
        { projection: { _id: 1 } },
      );
      return !other || other._id === own?._id ? 'stored' : 'conflict';
    },

    /**
     * Stores a version once; `found` when it is stored already, `conflict` when this name and version is stored with
     * another text. A row that was altered gets back what its SHA-256 stands for: `stored`. Tries on for 20 s while the
     * database is away.
     */
    async insert(accountId: string, policy: PolicyVersion): Promise<'stored' | 'found' | 'conflict'> {
      const { name, version, text, sha256Hex } = policy;
      const _id = policyId(accountId, sha256Hex);
      const held = { account_id: accountId, name, version, text };
      return await tryOn(async () => {
        if (await insertRow(policies, { _id, ...held, stored_at: new Date(), log_due: true }))
          return 'stored';
        const own = await policies.findOne({ _id }, { projection: { ...SUMMARY_FIELDS, text: 1 } });
        if (own) return isSame(own, held) ? 'found' : await restore(_id, held);
        // Without one the row is on the primary, and no majority has it yet.
        const other = await policies.findOne(
          { account_id: accountId, name, version },
          { projection: { _id: 1 } },
        );
        if (!other) throw new StoreFailure('unavailable');
        return 'conflict';
      });
    },
  };
}

/** What a policy's row says beside its `_id`. */
type Held = Pick<StoredPolicy, 'account_id' | 'name' | 'version' | 'text'>;

function isSame(stored: Held, held: Held): boolean {
  return (Object.keys(held) as (keyof Held)[]).every((field) => stored[field] === held[field]);
}

const SUMMARY_FIELDS = { account_id: 1, name: 1, version: 1, stored_at: 1 } as const;

function toSummary(accountId: string, row: Omit<StoredPolicy, 'text'>): PolicySummary | null {
  const { name, version, stored_at: storedAt } = row;
  const sha256Hex = storedText(row._id).slice(-64);
  const isOwn = row.account_id === accountId && row._id === policyId(accountId, sha256Hex);
  if (!isOwn || !isHashHex(sha256Hex)) return null;
  if (typeof name !== 'string' || !Number.isSafeInteger(version)) return null;
  return { name, version, sha256Hex, storedAt: isTime(storedAt) ? storedAt : null };
}

/** The `_id` of a policy: it holds the account id. */
export function policyId(accountId: string, sha256Hex: string): string {
  return `${accountId}/${sha256Hex}`;
}
