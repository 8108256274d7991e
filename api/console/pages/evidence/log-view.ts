// What the account log has of a value that no row which is borne out has.
import type { LogEntry } from '../../../../shared/transparency/log-entry.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { state } from '../../markup/state.ts';
import { time } from '../../markup/time.ts';
import { answerCard, type Line, SUMS } from './answer-card.ts';
import type { LoggedValue, LogSearch, Since } from './search-log.ts';

/** `isUnknown`: no row has the value either. */
export function logView(search: LogSearch, timeZone: string, isUnknown: boolean): Html {
  if (search === 'damaged') return DAMAGED;
  if (search.length === 0) return isUnknown ? UNKNOWN : nothing;
  return html`${search.map((each) => card(each, timeZone))}`;
}

const UNKNOWN = html`<div class="notice doubt" data-announce="Nothing of this account has this value">
<h3>Nothing of this account has this value</h3>
<p>Neither the ledger of reports, a stored session nor a newer entry of the account log has it. A digest changes with a single
byte of a file: make it again, and compare. If it is of a file that you were handed, check the file above: its own evidence
tells whether the account log holds it.</p>
</div>`;

const DAMAGED = html`<div class="notice bad" data-announce="The account log contradicts itself">
<h3>The account log contradicts itself</h3>
<p>Entries that its signed checkpoint covers are gone or changed, so nobody can tell here. Keep the database as it is, and tell
whoever is responsible for security.</p>
</div>`;

function card({ logged, entry, since }: LoggedValue, timeZone: string): Html {
  const { index, checkpoint } = logged;
  const proven = html`${state('says so', 'good')} entry ${formatCount(index)}, proven under the checkpoint of ${formatCount(checkpoint.size)} entries signed ${time(checkpoint.signedAt, timeZone)}`;
  const lines: readonly Line[] = [
    { name: 'What', tone: 'calm', words: about(entry) },
    { name: 'Account log', tone: 'good', words: proven },
    SINCE[since],
  ];
  return answerCard('The account log has it', lines, {
    ...SUMS,
    bad: 'Ours by the signed log: the database was changed since.',
  });
}

function about(entry: LogEntry): Html {
  if (entry.kind === 'report_issued') return html`the report <code>${entry.report_id}</code> was issued`;
  if (entry.kind === 'policy_stored') {
    return html`the text of policy ${entry.name}, version ${entry.version}, was stored`;
  }
  if (entry.kind === 'key_changed') return html`the key of the log was changed`;
  const session = html`<a href="/sessions/${entry.session_id}"><code>${entry.session_id}</code></a>`;
  return entry.kind === 'session_closed'
    ? html`the session ${session} was closed with ${formatCount(entry.size)} entries`
    : html`the entries of session ${session} were removed (${entry.reason})`;
}

const SINCE: Readonly<Record<Since, Line>> = {
  there: { name: 'Database', tone: 'good', words: 'has it as logged' },
  changed: {
    name: 'Database',
    tone: 'bad',
    words: html`${state('says something else', 'bad')} Its row is there, and does not say this. The log is signed, the row is not: rely on the log.`,
  },
  gone: {
    name: 'Database',
    tone: 'bad',
    words: html`${state('gone', 'bad')} It was logged, and has no row any more: somebody removed it. Keep the database as it is, and tell whoever is responsible for security.`,
  },
  purged: { name: 'Database', tone: 'doubt', words: 'removed on purpose: the log says so too' },
  newer: {
    name: 'Database',
    tone: 'doubt',
    words: 'has a later state of the session, which the log has as well',
  },
};
