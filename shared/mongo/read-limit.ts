// How long the database may work on one read that somebody waits for. Without a limit, a list that no index serves reads
// on for as long as the socket lives, although its caller has long gone, and takes the disk from everyone else.

/** Milliseconds for one list or statistic; a page that an index serves takes a few. */
const LISTED_WITHIN_MS = 10_000;

/** An option of reads. */
export type ReadLimit = Readonly<{ maxTimeMS?: number }>;

/**
 * For a list or a statistic of a request. Where the time is up, the read rejects with the server's error, which
 * `asStoreFailure` knows. Jobs and commands that read everything have no limit.
 */
export const LISTED_WITHIN = { maxTimeMS: LISTED_WITHIN_MS } as const satisfies ReadLimit;
