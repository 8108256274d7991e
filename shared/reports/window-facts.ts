// Everything that a report over many sessions is made from.
import type { EntryTimes } from '../audit/entry-times.ts';
import type { FailedLog, ListedEvent, LogCounts, LogState, UnverifiableLog } from '../audit/verdict.ts';
import type { PolicyVersion } from '../policy/policy-repository.ts';
import type { Session, SessionPayloads } from '../sessions/session.ts';
import type { WindowEvidenceFacts } from './account-log.ts';
import type { Asker } from './report-facts.ts';
import type { Report } from './report-schema.ts';
import type { WideSubject } from './subject.ts';

/** A session whose log was verified for this report, as its row was when it was read. Plain JSON. */
export type WalkedSession = Readonly<{
  id: string;
  agentId: string;
  startedAt: string;
  endedAt: string | null;
  status: Session['status'];
  policy: Readonly<{ name: string; version: number; sha256Hex: string }>;
  /** When its row was read. */
  readAt: string;
  /** Entries under the root. */
  size: number;
  rootHex: string;
  state: LogState;
  keyId: string;
  redactionCount: number;
  /** Whether the log holds a `policy_reloaded`. */
  wasReloaded: boolean;
  firstTs: EntryTimes['firstTs'];
  lastTs: EntryTimes['lastTs'];
  timeAlerts: Report['time_alerts'];
  /** Of its entry in the account log that agrees with it; null where there is none. */
  logIndex: number | null;
}>;

/** A session whose log failed or could not be checked. */
export type SessionException = Readonly<{
  id: string;
  agentId: string;
  startedAt: string;
  verdict: FailedLog | UnverifiableLog;
}>;

/** A rehydration failure, and the session that it belongs to. */
export type SessionEvent = ListedEvent & Readonly<{ sessionId: string }>;

/** What the walk over a window found. */
export type WalkedWindow = Readonly<{
  /** Verified, in ascending order of ids. */
  sessions: readonly WalkedSession[];
  /** In ascending order of ids. */
  exceptions: readonly SessionException[];
  /** Listed before the walk, and no longer stored when their turn came. */
  gone: readonly string[];
  /** Of the verified logs. */
  counts: LogCounts;
  /** Of each name in `counts` that is no known one: a session whose log has it. */
  namedBy: readonly NamedBy[];
  /** The first 1,000, by session. */
  rehydrationFailures: readonly SessionEvent[];
}>;

/** A name that a log gave, and the first session of a part of the window whose log has it. */
export type NamedBy = readonly [name: string, sessionId: string];

/** How many sessions of the window were stored, and when that was. */
export type WindowCount = Readonly<{ sessions: number; at: Date }>;

/** Payloads of a session that a sample may be taken from. `unreadable` where they are no JSON. */
export type SampledSession = Readonly<{ id: string; payloads: SessionPayloads | null | 'unreadable' }>;

/** What the account log says of a window, under one checkpoint. */
export type WindowLog = Readonly<{
  evidence: WindowEvidenceFacts;
  /** Entries about sessions of the window. */
  entriesInWindow: number;
  /** Named by one of them and not stored in the window, in ascending order. */
  missing: readonly string[];
}>;

/** A report's facts: the same facts give the same bytes. */
export type WindowFacts = Readonly<{
  id: string;
  generatedAt: Date;
  subject: WideSubject;
  exceptionsRule: 'refuse' | 'list';
  account: Readonly<{ id: string; name: string }>;
  issuedTo: Asker;
  /** Names of the agents whose sessions are in the report, and of the subject. */
  agentNames: ReadonlyMap<string, string>;
  walked: WalkedWindow;
  counted: Readonly<{ before: WindowCount; after: WindowCount }>;
  /** Every version that a verified session names, by the SHA-256 of its text. */
  policies: ReadonlyMap<string, PolicyVersion>;
  /** In the order in which samples are taken. */
  sampled: readonly SampledSession[];
  baaChainText: string | null;
  /** What the account log says of the window; null where there is none. */
  accountLog: WindowLog | null;
}>;
