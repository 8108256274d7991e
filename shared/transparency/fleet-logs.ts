// The account logs of all accounts, for the workers and the operator's scripts.
import { hash } from 'node:crypto';
import type { Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { storedText } from '../mongo/stored-text.ts';
import { isCosignedBy } from './cosigners.ts';
import { toCheckpoint, toHead } from './log-heads.ts';
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

  /** By account: what was found cosigned, so that its signatures are verified once, not by each sweep. */
  const cosigned = new Map<string, string>();

  function isCosigned(
    accountId: string,
    stored: StoredLogHead['checkpoint'],
    witnesses: readonly VerifierKey[],
  ): boolean {
    const checkpoint = toCheckpoint(stored);
    if (!checkpoint) return false;
    const lines = checkpoint.cosignatures.map(({ name, line }) => [name, line]);
    const keys = witnesses.map(({ name, publicKey }) => [name, Buffer.from(publicKey).toString('hex')]);
    const seen = hash('sha256', JSON.stringify([checkpoint.note, lines, keys]));
    if (cosigned.get(accountId) === seen) return true;
    if (!witnesses.every((key) => isCosignedBy(checkpoint, key))) return false;
    cosigned.set(accountId, seen);
    return true;
  }

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
     * cosignature of one of these witnesses, by its key; and those whose stored checkpoint does not reach the one that is
     * `known` of it, as in a database that was put back to an older copy. In ascending order.
     */
    async listDue(
      identity: LogIdentity,
      witnesses: readonly VerifierKey[],
      known: ReadonlyMap<string, KnownCheckpoint> = new Map(),
    ): Promise<string[]> {
      const behind = new Set(known.keys());
      const due = new Set((await Promise.all(SUBJECTS.map((name) => listAccounts(name, 'log_due')))).flat());
      const rows = heads.find({}, { projection: { marked: 1, checkpoint: 1 } });
      for await (const row of rows) {
        const { _id, checkpoint } = row;
        if (!isId('account', _id)) continue;
        const { marked, checkpoint: stored } = toHead(row);
        const isBehind = marked > (stored?.size ?? 0);
        if (reaches(stored, known.get(_id))) behind.delete(_id);
        if (isBehind || isOfEarlierKey(checkpoint, logKeys(identity, _id))) due.add(_id);
        else if (witnesses.length > 0 && !isCosigned(_id, checkpoint, witnesses)) due.add(_id);
      }
      return [...due.union(behind)].sort();
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

/** What was signed of a log. */
export type KnownCheckpoint = Readonly<{ size: number; rootHex: string }>;

function reaches(
  stored: KnownCheckpoint | null,
  { size, rootHex }: KnownCheckpoint = { size: 0, rootHex: '' },
): boolean {
  if (stored === null) return false;
  return stored.size > size || (stored.size === size && stored.rootHex === rootHex);
}

/** Whether a checkpoint bears the line of a key before the present one, and not that one's. Verifies nothing. */
function isOfEarlierKey(
  checkpoint: StoredLogHead['checkpoint'],
  [present, ...earlier]: readonly VerifierKey[],
): boolean {
  const lines = parseNote(storedText(checkpoint?.note))?.signatures ?? [];
  const bears = (key: VerifierKey) => lines.some((line) => isOf(line, key));
  return present !== undefined && !bears(present) && earlier.some(bears);
}
