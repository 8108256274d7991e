/** Where tests listen: on any free port of this machine alone. */
export const LOCAL = { port: 0, host: '127.0.0.1', idleTimeoutMs: 60_000 } as const;
