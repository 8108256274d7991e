// An account's policies as the account log takes them up.
import { hash } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { isLogIndex } from '../transparency/log-rows.ts';
import { createNamedEntries, NAMES_NO_ENTRY } from '../transparency/named-entries.ts';
import { parsePolicy } from './parse-policy.ts';
import { POLICIES, type PolicyVersion, policyId, type StoredPolicy } from './policy-repository.ts';

/**
 * A row that the account log lacks. `policy` is null where its id is not the SHA-256 of its text, or its name and version are
 * not those in its text: whoever writes to the database can leave one.
 */
export type DuePolicy = Readonly<{ id: unknown; policy: Omit<PolicyVersion, 'text'> | null }>;

/** `logIndex`: the entry that the row names. */
export type LoggedPolicy = Omit<PolicyVersion, 'text'> & Readonly<{ logIndex: number | undefined }>;

/** A policy's text may be long. */
const BATCH = 100;

/** What the account log needs of an account's policies. */
export type LoggedPolicies = ReturnType<typeof createLoggedPolicies>;

/** All methods reject with the driver's error when the database is away. */
export function createLoggedPolicies(db: Db) {
  const policies: Collection<StoredPolicy> = evidenceCollection(db, POLICIES);

  return {
    ...createNamedEntries(policies),

    /** Every row that the account log lacks, in no order. */
    async *readDue(accountId: string): AsyncGenerator<DuePolicy> {
      const rows = policies.find({ account_id: accountId, log_due: true }, { batchSize: BATCH });
      for await (const { _id, name, version, text } of rows) {
        const sha256Hex = typeof text === 'string' ? hash('sha256', text) : '';
        const parsed = _id === policyId(accountId, sha256Hex) ? parsePolicy(text) : null;
        const isItsOwn = parsed?.ok && parsed.policy.name === name && parsed.policy.version === version;
        yield { id: _id, policy: isItsOwn ? { name, version, sha256Hex } : null };
      }
    },

    /**
     * Name, version and entry of these policies, by their SHA-256; one that is not stored with its text is left out.
     */
    async findLogged(
      accountId: string,
      sha256Hexes: readonly string[],
    ): Promise<ReadonlyMap<string, LoggedPolicy>> {
      if (sha256Hexes.length === 0) return new Map();
      const ids = sha256Hexes.map((sha256Hex) => policyId(accountId, sha256Hex));
      const rows = await policies.find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray();
      return new Map(
        rows.flatMap(({ _id, name, version, text, log_index }): [string, LoggedPolicy][] => {
          const sha256Hex = typeof text === 'string' ? hash('sha256', text) : '';
          return _id === policyId(accountId, sha256Hex)
            ? [
                [
                  sha256Hex,
                  { name, version, sha256Hex, logIndex: isLogIndex(log_index) ? log_index : undefined },
                ],
              ]
            : [];
        }),
      );
    },

    /** Notes which entries hold these policies. */
    async markLogged(
      accountId: string,
      logged: readonly Readonly<{ sha256Hex: string; index: number }>[],
    ): Promise<void> {
      if (logged.length === 0) return;
      await policies.bulkWrite(
        logged.map(({ sha256Hex, index }) => ({
          updateOne: {
            filter: { _id: policyId(accountId, sha256Hex) },
            update: { $set: { log_index: index }, $unset: { log_due: '' } },
          },
        })),
        { ordered: false },
      );
    },

    /** Makes policies due that no entry holds: those that are older than the account log. */
    async makeDue(accountId: string): Promise<void> {
      await policies.updateMany({ account_id: accountId, ...UNLOGGED } as object, {
        $set: { log_due: true },
      });
    },

    /** How many policies name no entry, and are not due for one. */
    countUnlogged(accountId: string): Promise<number> {
      return policies.countDocuments({ account_id: accountId, ...UNLOGGED } as object);
    },
  };
}

const UNLOGGED = { log_due: { $ne: true }, ...NAMES_NO_ENTRY };
