// Entries of an account's log: canonical JSON (RFC 8785), at most 4,096 bytes. They hold ids, hashes, numbers, times and
// enums, and nothing of what was said. The one name that an operator chose is a policy's.
import { z } from 'zod';
import { canonicalize, JsonError } from '../audit/canonical-json.ts';
import { type IdKind, isId } from '../audit/ids.ts';
import type { SealedFacts } from '../audit/seal.ts';
import { PUBLIC_KEY_SIZE } from './ed25519.ts';
import { decodeBase64, encodeBase64 } from './exact-text.ts';
import { isIsoTime } from './exact-times.ts';
import { keepLast } from './keep-last.ts';

/** Bytes of an entry's text at most: tlog-tiles counts them in 16 bits, and a bundle of 256 stays near 1 MiB. */
export const LOG_ENTRY_LIMIT = 4096;

const id = (kind: IdKind) => z.string().refine((text) => isId(kind, text));
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.string().refine(isIsoTime);
const count = z.int().min(0);
const publicKey = z.string().refine((text) => decodeBase64(text)?.length === PUBLIC_KEY_SIZE);

const sessionClosed = z.strictObject({
  account_id: id('account'),
  agent_id: id('agent'),
  ended_at: time.nullable(),
  head_hash: hash,
  key_id: z.string().min(1),
  kind: z.literal('session_closed'),
  merkle_root_hex: hash,
  policy_sha256: hash,
  seal: hash.nullable(),
  session_id: id('session'),
  size: count,
  started_at: time,
  status: z.enum(['ok', 'error', 'partial']),
});

const policyStored = z.strictObject({
  account_id: id('account'),
  kind: z.literal('policy_stored'),
  name: z.string().min(1),
  sha256: hash,
  version: z.int().min(1),
});

const reportIssued = z
  .strictObject({
    account_id: id('account'),
    agent_id: id('agent').nullable(),
    format: z.enum(['json', 'pdf', 'csv']),
    generated_at: time,
    json_sha256: hash,
    kind: z.literal('report_issued'),
    merkle_root_hex: hash,
    report_id: id('report'),
    scope: z.enum(['session', 'agent', 'account']),
    session_id: id('session').nullable(),
    since: time,
    size: count,
    until: time.nullable(),
  })
  .refine(({ scope, session_id }) => (scope === 'session') === (session_id !== null))
  .refine(({ scope, agent_id }) => scope === 'session' || (scope === 'agent') === (agent_id !== null));

const sessionPurged = z.strictObject({
  account_id: id('account'),
  at: time,
  closed_index: count,
  kind: z.literal('session_purged'),
  reason: z.enum(['retention', 'erasure']),
  session_id: id('session'),
});

const keyChanged = z.strictObject({
  account_id: id('account'),
  kind: z.literal('key_changed'),
  new_key: publicKey,
  old_key: publicKey,
});

const schema = z.discriminatedUnion('kind', [
  sessionClosed,
  policyStored,
  reportIssued,
  sessionPurged,
  keyChanged,
]);

/** An entry, its members named as in its text. Times are as `toISOString` writes them, hashes 64 hex digits. */
export type LogEntry = Readonly<z.infer<typeof schema>>;

/** An entry of one kind. */
export type LogEntryOf<Kind extends LogEntry['kind']> = Extract<LogEntry, { kind: Kind }>;

/**
 * The entry that a text is; null for any other text: longer than 4,096 bytes, not canonical, of an unknown kind, with
 * members that are missing, unknown or of another type.
 */
export const parseLogEntry = keepLast((text): LogEntry | null => {
  if (Buffer.byteLength(text) > LOG_ENTRY_LIMIT) return null;
  const entry = schema.safeParse(readLoosely(text)).data;
  return entry && isCanonicalOf(entry, text) ? entry : null;
});

/**
 * What a text says, without the checks of `parseLogEntry`, in a tenth of the time: for texts that are proven to be entries, or
 * are not taken for any. Null for one that is no JSON.
 */
export function readLoosely(text: string): Partial<LogEntry> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The canonical text of an entry. Throws a RangeError for one that `parseLogEntry` would not take. */
export function formatLogEntry(entry: LogEntry): string {
  const text = canonicalize(entry);
  if (parseLogEntry(text) === null) throw new RangeError(`Not an entry of kind ${entry.kind}`);
  return text;
}

/** The text of the entry that a session was closed: all that its seal covers, and the seal (null where none was made). */
export function sessionClosedText(facts: SealedFacts, seal: string | null): string {
  return formatLogEntry({
    account_id: facts.accountId,
    agent_id: facts.agentId,
    ended_at: facts.endedAt?.toISOString() ?? null,
    head_hash: facts.headHashHex,
    key_id: facts.keyId,
    kind: 'session_closed',
    merkle_root_hex: facts.rootHex,
    policy_sha256: facts.policySha256Hex,
    seal,
    session_id: facts.sessionId,
    size: facts.size,
    started_at: facts.startedAt.toISOString(),
    status: facts.status as LogEntryOf<'session_closed'>['status'],
  });
}

/** The text of the entry that a policy version was stored. */
export function policyStoredText(
  accountId: string,
  { name, version, sha256Hex }: Readonly<{ name: string; version: number; sha256Hex: string }>,
): string {
  return formatLogEntry({ account_id: accountId, kind: 'policy_stored', name, sha256: sha256Hex, version });
}

/** What is logged of a report. `jsonSha256Hex` is over the bytes of its JSON, `rootHex` and `size` are those it states. */
export type IssuedReport = Readonly<{
  id: string;
  scope: LogEntryOf<'report_issued'>['scope'];
  /** Null of many sessions. */
  sessionId: string | null;
  /** Not null of an agent's sessions, null of an account's. */
  agentId: string | null;
  since: Date;
  until: Date | null;
  rootHex: string;
  size: number;
  generatedAt: Date;
  jsonSha256Hex: string;
  format: LogEntryOf<'report_issued'>['format'];
}>;

/** The text of the entry that a report was issued. */
export function reportIssuedText(accountId: string, report: IssuedReport): string {
  return formatLogEntry({
    account_id: accountId,
    agent_id: report.agentId,
    format: report.format,
    generated_at: report.generatedAt.toISOString(),
    json_sha256: report.jsonSha256Hex,
    kind: 'report_issued',
    merkle_root_hex: report.rootHex,
    report_id: report.id,
    scope: report.scope,
    session_id: report.sessionId,
    since: report.since.toISOString(),
    size: report.size,
    until: report.until?.toISOString() ?? null,
  });
}

/** The text of the entry that a session's entries were removed. `closedIndex` is that of its `session_closed`. */
export function sessionPurgedText(
  accountId: string,
  {
    sessionId,
    closedIndex,
    reason,
    at,
  }: Readonly<{
    sessionId: string;
    closedIndex: number;
    reason: LogEntryOf<'session_purged'>['reason'];
    at: Date;
  }>,
): string {
  return formatLogEntry({
    account_id: accountId,
    at: at.toISOString(),
    closed_index: closedIndex,
    kind: 'session_purged',
    reason,
    session_id: sessionId,
  });
}

/** The text of the entry that the log is signed by another key from now on: public keys of 32 bytes. */
export function keyChangedText(accountId: string, oldKey: Uint8Array, newKey: Uint8Array): string {
  return formatLogEntry({
    account_id: accountId,
    kind: 'key_changed',
    new_key: encodeBase64(newKey),
    old_key: encodeBase64(oldKey),
  });
}

/** The text; null where a row holds something that no entry can state. */
export function unlessMisformed(make: () => string): string | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * Whether a text is the canonical one of an entry. It writes the entry and compares: half the time that a strict reader
 * takes, which a report over many sessions waits for. What such a reader refuses, a name twice too, is in no canonical text.
 */
function isCanonicalOf(entry: LogEntry, text: string): boolean {
  try {
    return canonicalize(entry) === text;
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}
