// The account logs of all accounts, for the workers and the operator's scripts.
import type { Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { type LogIdentity, logKeys } from './log-origin.ts';
import { LOG_HEADS, LOG_SEGMENTS, type StoredLogHead, type StoredLogSegment } from './log-rows.ts';
import { isOf, parseNote } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** Collections whose rows say by `log_due` that an account log lacks them, and by `log_index` which entry holds them. */
const SUBJECTS = ['sessions', 'policies', 'reports'];

/** The account logs of all accounts. */
export type FleetLogs = ReturnType<typeof createFleetLogs>;

/** All methods reject with the driver's error when the database is away. */
export function createFleetLogs(db: Db) {
  const heads = evidenceCollection<StoredLogHead>(db, LOG_HEADS);

  /** Accounts with rows that have this field. */
  async function listAccounts(collection: string, field: 'log_due' | 'log_index'): Promise<string[]> {
    const groups = await evidenceCollection<{ account_id: string }>(db, collection)
      .aggregate<{ _id: unknown }>([
        { $match: { [field]: { $exists: true } } },
        { $group: { _id: '$account_id' } },
      ])
      .toArray();
    return groups.map(({ _id }) => _id).filter((id) => isId('account', id));
  }

  return {
    /**
     * Accounts whose log lacks something: an entry, a checkpoint of what was appended, one by the present key, or the
     * cosignature of one of these witnesses. In ascending order.
     */
    async listDue(identity: LogIdentity, witnesses: readonly string[]): Promise<string[]> {
      const due = new Set((await Promise.all(SUBJECTS.map((name) => listAccounts(name, 'log_due')))).flat());
      const rows = heads.find(
        {},
        {
          projection: {
            marked: 1,
            'checkpoint.size': 1,
            'checkpoint.note': 1,
            'checkpoint.cosignatures.name': 1,
          },
        },
      );
      for await (const { _id, marked, checkpoint } of rows) {
        const names = new Set(checkpoint?.cosignatures?.map(({ name }) => name));
        const isBehind = marked > (checkpoint?.size ?? 0);
        if (!isId('account', _id)) continue;
        if (isBehind || isOfEarlierKey(checkpoint, logKeys(identity, _id))) due.add(_id);
        else if (witnesses.some((name) => !names.has(name))) due.add(_id);
      }
      return [...due].sort();
    },

    /** The accounts of which anything is left of a log: its head, a segment, or a row that names an entry. Ascending. */
    async listStored(): Promise<string[]> {
      const found = await Promise.all([
        heads.distinct('_id'),
        evidenceCollection<StoredLogSegment>(db, LOG_SEGMENTS).distinct('account_id'),
        ...SUBJECTS.map((name) => listAccounts(name, 'log_index')),
      ]);
      return [...new Set(found.flat())].filter((id) => isId('account', id)).sort();
    },
  };
}

/** Whether a checkpoint bears the line of a key before the present one, and not that one's. Verifies nothing. */
function isOfEarlierKey(
  checkpoint: StoredLogHead['checkpoint'],
  [present, ...earlier]: readonly VerifierKey[],
): boolean {
  const lines = parseNote(String(checkpoint?.note))?.signatures ?? [];
  const bears = (key: VerifierKey) => lines.some((line) => isOf(line, key));
  return present !== undefined && !bears(present) && earlier.some(bears);
}
