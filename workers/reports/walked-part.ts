// What was found of some sessions of a window.
import { LISTED_LIMIT, Tally } from '../../shared/audit/tally.ts';
import type { FailedLog, LogCounts, UnverifiableLog, VerifiedLog } from '../../shared/audit/verdict.ts';
import { isKnownName } from '../../shared/reports/section-schemas.ts';
import { timeAlerts } from '../../shared/reports/time-alerts.ts';
import type {
  NamedBy,
  SessionEvent,
  SessionException,
  WalkedSession,
} from '../../shared/reports/window-facts.ts';
import { outcomeOf, type VerifiedOutcome } from '../../shared/sessions/record-outcome.ts';
import { hasMarks, type RecordedSession, type SessionSnapshot } from '../../shared/sessions/session.ts';
import { isTime } from '../../shared/time/is-time.ts';
import type { SessionEvidence } from '../logs/log-tasks.ts';
import { shareText } from '../threads/share-text.ts';
import { type LoggedEntry, logIndexOf } from './window-log.ts';

/** A part of a window, walked. Rows are JSON, so that tens of thousands of them cost an event loop nothing. */
export type WalkedPart = Readonly<{
  /**
   * `WalkedSession[]` as UTF-8 JSON, in the order in which they were asked for. In memory that threads share, so that no
   * thread gets a copy.
   */
  rows: Uint8Array;
  counts: LogCounts;
  namedBy: readonly NamedBy[];
  rehydrationFailures: readonly SessionEvent[];
  exceptions: readonly SessionException[];
  gone: readonly string[];
  /** What has to be recorded: of verified logs, only those that carried a mark, or that a row disagrees with. */
  outcomes: readonly Outcome[];
}>;

export type Outcome = Readonly<{
  found: SessionSnapshot<RecordedSession>;
  verdict: FailedLog | UnverifiableLog | VerifiedOutcome;
}>;

/** A part of one session, whose long log was walked in ranges. */
export function partOf(
  sessionId: string,
  evidence: SessionEvidence | null,
  at: Date,
  logged: readonly LoggedEntry[] | undefined,
): WalkedPart {
  const part = new PartBuilder();
  part.add(sessionId, evidence, at, logged);
  return part.build();
}

/** Collects what was found of sessions. */
export class PartBuilder {
  readonly #rows: WalkedSession[] = [];
  readonly #tally = new Tally();
  readonly #namedBy = new Map<string, string>();
  readonly #failures: SessionEvent[] = [];
  readonly #exceptions: SessionException[] = [];
  readonly #gone: string[] = [];
  readonly #outcomes: Outcome[] = [];

  /** `logged` are the session's entries in the account log. */
  add(
    sessionId: string,
    evidence: SessionEvidence<RecordedSession> | null,
    at: Date,
    logged: readonly LoggedEntry[] | undefined,
  ): void {
    if (!evidence) {
      this.#gone.push(sessionId);
      return;
    }
    const { found, verdict } = evidence;
    const { session, marks } = found;
    if (verdict.status !== 'verified') {
      this.#outcomes.push({ found, verdict });
      const { id, agentId } = session;
      // A damaged row may hold anything. The list that named the session saw a time.
      const startedAt = toIso(session.startedAt) ?? at.toISOString();
      this.#exceptions.push({ id, agentId, startedAt, verdict });
      return;
    }
    if (hasMarks(marks) || verdict.disputed) {
      this.#outcomes.push({ found, verdict: outcomeOf(verdict) });
    }
    this.#rows.push(toRow(found, verdict, at, logIndexOf(logged, session, verdict)));
    this.#tally.addCounts(verdict.counts);
    this.#noteNames(session.id, verdict.counts);
    for (const event of verdict.rehydrationFailures) {
      if (this.#failures.length < LISTED_LIMIT) this.#failures.push({ ...event, sessionId });
    }
  }

  /** Whoever looks for a name that may not leave asks which session it is from. Most logs have known names alone. */
  #noteNames(sessionId: string, { redactionsByKind, redactionsByPass, otherKinds }: LogCounts): void {
    for (const [name] of [...redactionsByKind, ...redactionsByPass, ...otherKinds]) {
      if (!isKnownName(name) && !this.#namedBy.has(name)) this.#namedBy.set(name, sessionId);
    }
  }

  build(): WalkedPart {
    return {
      rows: shareText(JSON.stringify(this.#rows)),
      counts: this.#tally.counts(),
      namedBy: [...this.#namedBy],
      rehydrationFailures: this.#failures,
      exceptions: this.#exceptions,
      gone: this.#gone,
      outcomes: this.#outcomes,
    };
  }
}

function toIso(time: unknown): string | null {
  return isTime(time) ? time.toISOString() : null;
}

function toRow(
  { session }: SessionSnapshot<RecordedSession>,
  verdict: VerifiedLog,
  at: Date,
  logIndex: number | null,
): WalkedSession {
  const { id, agentId, startedAt, endedAt, status } = session;
  const { policyName: name, policyVersion: version, policySha256Hex: sha256Hex } = session;
  return {
    id,
    agentId,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    status,
    policy: { name, version, sha256Hex },
    readAt: at.toISOString(),
    size: verdict.size,
    rootHex: verdict.rootHex,
    state: verdict.state,
    keyId: verdict.keyId,
    redactionCount: verdict.counts.redactionCount,
    wasReloaded: verdict.policyReloads.length > 0,
    firstTs: verdict.times.firstTs,
    lastTs: verdict.times.lastTs,
    timeAlerts: timeAlerts(session, at, verdict.times),
    logIndex,
  };
}
