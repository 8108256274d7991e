// Agents: the voice agents of an account. A deleted agent keeps its row: its sessions stay listed under its name.
import type { Collection, Db, Filter } from 'mongodb';
import { ID_PATTERNS, isId } from '../audit/ids.ts';
import { isDuplicateKey } from '../mongo/duplicate-key.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';

/** A voice agent of an account, as its last import left it. `id` is `agt_…`. */
export type Agent = Readonly<{ id: string; name: string; policyName: string }>;

/** Whether an agent was stored, anew or over another one, or was there as it is. `foreign`: another account owns the id, and nothing was written. */
export type AgentUpsert = Readonly<{ status: 'created' | 'stored' | 'unchanged' | 'foreign' }>;

/** A row of `agents`. */
export type StoredAgent = {
  _id: string;
  account_id: string;
  name: string;
  policy_name: string;
  deleted_at: Date | null;
};

const AGENT_FIELDS = { name: 1, policy_name: 1 } as const;

/** Indexes of `agents`: the agents of an account by name. */
export const AGENT_INDEXES: readonly IndexSpec[] = [
  { collection: 'agents', key: { account_id: 1, name: 1 } },
  // In ascending order of ids, without the agents of other accounts.
  { collection: 'agents', key: { account_id: 1, _id: 1 } },
];

/** The agents of an account, deleted ones only by name. */
export type AgentRepository = ReturnType<typeof createAgentRepository>;

/**
 * Stores and finds the agents of an account. All methods reject with the driver's error when the database does not
 * answer.
 */
export function createAgentRepository(db: Db) {
  const agents: Collection<StoredAgent> = db.collection('agents');

  async function store(owned: Filter<StoredAgent>, agent: Agent): Promise<AgentUpsert> {
    const update = { $set: { name: agent.name, policy_name: agent.policyName } };
    // The filter's own equalities become fields of a new row.
    const inserted = { ...update, ...('deleted_at' in owned ? {} : { $setOnInsert: { deleted_at: null } }) };
    try {
      const { upsertedCount, modifiedCount } = await agents.updateOne(owned, inserted, { upsert: true });
      if (upsertedCount === 1) return { status: 'created' };
      return { status: modifiedCount === 1 ? 'stored' : 'unchanged' };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    // The id exists: another account owns it, or another writer has just inserted it for this account.
    const { matchedCount, modifiedCount } = await agents.updateOne(owned, update);
    if (matchedCount === 0) return { status: 'foreign' };
    return { status: modifiedCount === 1 ? 'stored' : 'unchanged' };
  }

  return {
    /** The agent, or null when the account has none with this id or has deleted it. */
    async find(accountId: string, agentId: string): Promise<Agent | null> {
      const filter = { _id: agentId, account_id: accountId, deleted_at: null };
      const row = await agents.findOne(filter, { projection: AGENT_FIELDS });
      return row && toAgent(row);
    },

    /** Every agent, deleted ones included, in ascending order of ids. For an operator's commands: reads without a limit. */
    async *walk(accountId: string): AsyncGenerator<Agent> {
      const rows = agents.find({ account_id: accountId }, { projection: AGENT_FIELDS, sort: { _id: 1 } });
      for await (const row of rows) if (isId('agent', row._id)) yield toAgent(row);
    },

    /**
     * Agents that are not deleted, in ascending order of ids: at most `limit`, from the first id after `afterId`. Passes
     * over rows whose id no agent can have: a cursor could not name them.
     */
    async list(accountId: string, query: { afterId: string | null; limit: number }): Promise<Agent[]> {
      const { afterId, limit } = query;
      const rows = await agents
        .find({
          account_id: accountId,
          deleted_at: null,
          $and: [{ _id: ID_PATTERNS.agent }, ...(afterId === null ? [] : [{ _id: { $gt: afterId } }])],
        })
        .project<StoredAgent>(AGENT_FIELDS)
        .sort({ _id: 1 })
        .limit(limit)
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(limit)
        .toArray();
      return rows.map(toAgent);
    },

    /** Display names of the account's agents among `agentIds`, deleted ones included; an unknown id is left out. */
    async namesById(accountId: string, agentIds: readonly string[]): Promise<Map<string, string>> {
      const ids = [...new Set(agentIds)];
      if (ids.length === 0) return new Map();
      return readNames(agents, { _id: { $in: ids }, account_id: accountId }, ids.length);
    },

    /** Display names of at most `limit` of the account's agents, deleted ones included. */
    async someNames(accountId: string, limit: number): Promise<Map<string, string>> {
      return readNames(agents, { account_id: accountId }, limit);
    },

    /** Agents that are not deleted and name one of these policies: at most `limit`, in no certain order. */
    async listByPolicy(accountId: string, policyNames: readonly string[], limit: number): Promise<Agent[]> {
      const rows = await agents
        .find(
          {
            _id: ID_PATTERNS.agent,
            ...{ account_id: accountId, deleted_at: null, policy_name: { $in: [...new Set(policyNames)] } },
          } as object,
          LISTED_WITHIN,
        )
        .project<StoredAgent>(AGENT_FIELDS)
        .limit(limit)
        .batchSize(limit)
        .toArray();
      return rows.map(toAgent);
    },

    /** Makes the agent, or gives it this name and policy name, also where it was deleted. A second run changes nothing. */
    upsert(accountId: string, agent: Agent): Promise<AgentUpsert> {
      return store({ _id: agent.id, account_id: accountId }, agent);
    },

    /** What `put` would do now. */
    async outcomeOf(accountId: string, { id, name, policyName }: Agent): Promise<AgentUpsert['status']> {
      const row = await agents.findOne({ _id: id });
      if (!row) return 'created';
      if (row.account_id !== accountId || row.deleted_at !== null) return 'foreign';
      return row.name === name && row.policy_name === policyName ? 'unchanged' : 'stored';
    },

    /** As `upsert`; an agent that was deleted stays as it is, and its id counts as another's. */
    put(accountId: string, agent: Agent): Promise<AgentUpsert> {
      return store({ _id: agent.id, account_id: accountId, deleted_at: null }, agent);
    },
  };
}

/** Requires a `limit` above 0. As the batch size too, it makes the first batch the last: the cursor costs one trip. */
async function readNames(
  agents: Collection<StoredAgent>,
  filter: Filter<StoredAgent>,
  limit: number,
): Promise<Map<string, string>> {
  const rows = await agents
    // Passes over rows whose id no agent can have.
    .find({ $and: [filter, { _id: ID_PATTERNS.agent }] } as object)
    .project<Pick<StoredAgent, '_id' | 'name'>>({ name: 1 })
    .limit(limit)
    .batchSize(limit)
    .toArray();
  return new Map(rows.map((row) => [row._id, nameOf(row)]));
}

/** A row may hold anything in place of a name; its agent is then shown by its id. */
function nameOf({ _id, name }: Pick<StoredAgent, '_id' | 'name'>): string {
  return typeof name === 'string' ? name : _id;
}

function toAgent(row: Pick<StoredAgent, '_id' | 'name' | 'policy_name'>): Agent {
  const { policy_name: policyName } = row;
  return { id: row._id, name: nameOf(row), policyName: typeof policyName === 'string' ? policyName : '' };
}
