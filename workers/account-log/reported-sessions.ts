// What reports in an account log saw of sessions that are to be logged as closed. Whoever cuts an open log can have it grow
// again and end: its seal is ours then, and only the log itself still says that it was another.
import type { Anchor } from '../../shared/audit/log-record.ts';
import { anchorOf, readAboutSession } from '../../shared/reports/session-evidence.ts';
import type { LogEntry, LogEntryOf } from '../../shared/transparency/log-entry.ts';
import { placeOf } from '../../shared/transparency/log-places.ts';
import type { LogSegment } from '../../shared/transparency/log-segments.ts';
import { isSegmentSigned } from '../../shared/transparency/segment-note.ts';
import type { Logged } from './find-logged.ts';
import type { KeeperDeps } from './keeper-deps.ts';

type Found = Logged & Readonly<{ entry: LogEntryOf<'report_issued'>; anchor: Anchor }>;

export class ReportedSessions {
  readonly #identity: KeeperDeps['identity'];
  readonly #accountId: string;
  /** By session, one for each root at a size; empty of one that is to be logged and has none. */
  readonly #found: ReadonlyMap<string, Map<string, Found>>;
  #checked: Readonly<{ segment: LogSegment | null; isSigned: boolean }> = { segment: null, isSigned: false };

  /** `closed`: the sessions that are to be logged. */
  constructor(identity: KeeperDeps['identity'], accountId: string, closed: Iterable<string>) {
    this.#identity = identity;
    this.#accountId = accountId;
    this.#found = new Map([...closed].map((sessionId) => [sessionId, new Map()]));
  }

  /** Takes an entry of the log. Only what a key of the log signed counts: an entry is no evidence by where it stands. */
  visit(entry: Partial<LogEntry> | null, logged: Logged, segment: LogSegment): void {
    if (entry?.kind !== 'report_issued') return;
    const found = this.#found.get(entry.session_id ?? '');
    if (!found) return;
    const log = { accountId: this.#accountId, sessionId: entry.session_id as string };
    const own = readAboutSession(logged.text, log);
    if (own?.kind !== 'report_issued' || !this.#isSigned(segment)) return;
    const anchor = { ...anchorOf(own), isSigned: true };
    found.set(`${own.size} ${own.merkle_root_hex}`, { ...logged, entry: own, anchor });
  }

  /** Entries come segment by segment: each is checked once. */
  #isSigned(segment: LogSegment): boolean {
    if (this.#checked.segment !== segment) {
      this.#checked = { segment, isSigned: isSegmentSigned(this.#identity, this.#accountId, segment) };
    }
    return this.#checked.isSigned;
  }

  /** Those on the session that saw another size than the entry, or another root. */
  differing({
    session_id: id,
    size,
    merkle_root_hex: rootHex,
  }: LogEntryOf<'session_closed'>): readonly Found[] {
    const found = [...(this.#found.get(id)?.values() ?? [])];
    return found.filter(({ entry }) => entry.size !== size || entry.merkle_root_hex !== rootHex);
  }
}

type Deps = Pick<KeeperDeps, 'pool' | 'recordOutcome' | 'places' | 'log' | 'isToTell'>;

/**
 * Whether the log that the entry states has what the reports saw. One walk must find both: between two, somebody may put another
 * copy in the place of the log. Where it has not, its fault is marked, and it is noted again where the report stands that saw the
 * most, so that every walk misses it.
 */
export async function holdsAgainst(
  deps: Deps,
  closed: LogEntryOf<'session_closed'>,
  reports: readonly Found[],
  signal: AbortSignal,
): Promise<boolean> {
  if (reports.length === 0) return true;
  const { account_id: accountId, session_id: sessionId, size, merkle_root_hex: rootHex, seal } = closed;
  const anchors = reports.map(({ anchor }) => anchor);
  const evidence = await deps.pool.verifySession({ accountId, sessionId }, { signal, listed: 0, anchors });
  if (!evidence) return false;
  const { found, verdict } = evidence;
  await deps.recordOutcome(found, verdict);
  // Those that differ and are no smaller contradict the entry, whatever is stored by now.
  const isContradicted = reports.some(({ entry }) => entry.size >= size);
  if (isContradicted || verdict.status === 'failed') {
    await noteAgain(deps, accountId, reports);
    return false;
  }
  return (
    verdict.status === 'verified' &&
    verdict.size === size &&
    verdict.rootHex === rootHex &&
    found.session.log.seal === seal
  );
}

async function noteAgain(
  { places, log, isToTell }: Deps,
  accountId: string,
  reports: readonly Found[],
): Promise<void> {
  const { entry, index } = reports.reduce((most, each) => (each.entry.size > most.entry.size ? each : most));
  const placed = placeOf(entry, index);
  if (placed) await places.restore(accountId, [placed], async () => false);
  const about = { account_id: accountId, session_id: entry.session_id, log_index: index };
  if (isToTell(`${accountId} ${index}`)) log.error(about, OTHERWISE);
}

const OTHERWISE =
  'an ended session is not as a report in the account log saw it: it is not logged, and its log is marked as failed';
