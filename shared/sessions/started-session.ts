// Sessions by when they started, as reports over many list them.

/** The sessions that started in `[since, until)`: an agent's, or all of the account's where `agentId` is null. */
export type StartedQuery = Readonly<{ since: Date; until: Date; agentId: string | null }>;

/** A session that started in a window. `size`: entries that its row records, a lower bound. */
export type StartedSession = Readonly<{ id: string; size: number; startedAt: Date }>;
