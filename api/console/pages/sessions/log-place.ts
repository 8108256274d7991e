// Where a session stands in the account log, and what of it can be handed to an outsider.
import type { LogVerdict } from '../../../../shared/audit/verdict.ts';
import { readSessionClosed } from '../../../../shared/reports/session-evidence.ts';
import type { Session } from '../../../../shared/sessions/session.ts';
import { DamagedLog } from '../../../../shared/transparency/log-hashes.ts';
import type { ApiDeps } from '../../../http/context.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { state } from '../../markup/state.ts';
import { time } from '../../markup/time.ts';

export type LogPlace =
  /** This deployment signs no account log. */
  | Readonly<{ kind: 'no_log' }>
  /** Nothing is logged of a session before it ends. */
  | Readonly<{ kind: 'open' }>
  /** Its log is not verified, so the account log does not take it up. */
  | Readonly<{ kind: 'refused' }>
  | Readonly<{ kind: 'waiting' }>
  /** Its row names an entry of something else, or one that the account log does not have. */
  | Readonly<{ kind: 'false_row' }>
  /** The account log's checkpoint is behind one that was signed. */
  | Readonly<{ kind: 'damaged' }>
  /** An entry of the account log holds it, under a signed checkpoint of `size` entries. */
  | Readonly<{ kind: 'logged'; index: number; size: number; signedAt: Date; isAsLogged: boolean }>;

/** The place of a session, by its entry and the account log's head. */
export async function findPlace(
  { accountLog }: Pick<ApiDeps, 'accountLog'>,
  { id: sessionId, accountId, endedAt, logIndex }: Pick<Session, 'id' | 'accountId' | 'endedAt' | 'logIndex'>,
  verdict: LogVerdict,
): Promise<LogPlace> {
  if (!accountLog) return { kind: 'no_log' };
  if (logIndex === undefined) {
    if (endedAt === null) return { kind: 'open' };
    return { kind: verdict.status === 'verified' ? 'waiting' : 'refused' };
  }
  const { reader } = accountLog;
  const [checkpoint, [text]] = await Promise.all([
    reader.checkpoint(accountId).catch(ifDamaged),
    reader.entryTexts(accountId, [logIndex]),
  ]);
  if (!readSessionClosed(text ?? '', { accountId, sessionId })) return { kind: 'false_row' };
  if (checkpoint === 'damaged') return { kind: 'damaged' };
  if (!checkpoint || logIndex >= checkpoint.size) return { kind: 'waiting' };
  const { size, signedAt } = checkpoint;
  return { kind: 'logged', index: logIndex, size, signedAt, isAsLogged: verdict.status === 'verified' };
}

function ifDamaged(error: unknown): 'damaged' {
  if (error instanceof DamagedLog) return 'damaged';
  throw error;
}

/** Whether proofs can be made of the session's entries. */
export function isProvable(place: LogPlace | null): boolean {
  return place?.kind === 'logged' && place.isAsLogged;
}

export function placeSection(sessionId: string, place: LogPlace, timeZone: string): Html {
  return html`<section aria-labelledby="evidence-heading">
<h2 id="evidence-heading">Evidence for outsiders</h2>
${place.kind === 'logged' ? loggedPlace(sessionId, place, timeZone) : html`<p>${STATES[place.kind]} ${WORDS[place.kind]}</p>`}
</section>`;
}

const STATES = {
  no_log: state('no account log', 'doubt'),
  open: state('not logged', 'calm'),
  refused: state('not logged', 'bad'),
  waiting: state('not logged yet', 'calm'),
  false_row: state('the row is false', 'bad'),
  damaged: state('the account log was put back', 'bad'),
} as const;

const WORDS = {
  no_log: html`This deployment signs no account log. Next: set <code>SIGNING_KEY</code> and <code>LOG_ORIGIN</code> on the server and on the workers.`,
  open: html`The session is open. Once it has ended and its log is closed, the account log takes it up, within a minute.`,
  refused: html`The account log takes up no log that is not verified: see above what is wrong with this one.`,
  waiting: html`The session has ended, and no signed checkpoint covers it yet: that takes a minute at most. Load this page again. Where it stays so, see that the workers run.`,
  false_row: html`The session's row names an entry of the account log that is not the session's, so somebody changed the row. No report and no proof is made. Next: compare the row with a backup of the database; <code>npm run verify -- --all</code> tells whether the account log holds.`,
  damaged: html`The account log's stored checkpoint is behind one that this server or its machine knows to be signed, so somebody put an older one back. No report and no proof is made. Next: “Restore” in <code>scripts/deploy/backup.md</code>.`,
} as const;

function loggedPlace(
  sessionId: string,
  { index, size, signedAt, isAsLogged }: Extract<LogPlace, { kind: 'logged' }>,
  timeZone: string,
): Html {
  const path = `/api/v1/sessions/${sessionId}`;
  return html`${facts([
    ['In the account log', html`${state('logged', 'good')} entry ${formatCount(index)} (counted from 0)`],
    ['Checkpoint', html`of ${formatCount(size)} entries, signed ${time(signedAt, timeZone)}`],
  ])}
${isAsLogged ? nothing : NOT_AS_LOGGED}
<div class="buttons">
${isAsLogged ? html`<a class="button" href="${path}/evidence">Download evidence pack (zip)</a>` : nothing}
<a class="button" href="${path}/proof">Download proof of the session</a>
</div>
<p><small>Whoever is handed these checks them alone, with the <a href="/auditors">verifier key</a> from elsewhere. A pack holds a new
report, which the ledger notes. The proof of a single entry is linked in the table of entries.</small></p>`;
}

const NOT_AS_LOGGED = html`<p class="notice bad">The audit log is not verified now. The account log still says what it was when it was
closed; no pack and no proof of an entry is made of what it is now.</p>`;
