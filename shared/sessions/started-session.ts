// Sessions by when they started, as reports over many list them.

/** The sessions that started in `[since, until)`: an agent's, or all of the account's where `agentId` is null. */
export type StartedQuery = Readonly<{ since: Date; until: Date; agentId: string | null }>;

/** A session that started in a window. */
export type StartedSession = Readonly<{
  id: string;
  /** Entries that its row records, a lower bound. */
  size: number;
  startedAt: Date;
  /** The entry of the account log that its row names; null for none. */
  logIndex: number | null;
}>;
