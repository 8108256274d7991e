// The account log on a page: how long it is, when it was signed, and who else has seen it.
import { DAY_MS } from '../../../../shared/time/durations.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, type HtmlValue, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { state } from '../../markup/state.ts';
import { formatDuration, time } from '../../markup/time.ts';
import type { LogView, WitnessView } from './read-log.ts';

type Read = Readonly<{ timeZone: string; now: Date }>;

/** The log; null where this deployment signs none. */
export function logSection(log: LogView | null, read: Read): Html {
  return html`<section aria-labelledby="account-log">
<h2 id="account-log">Account log ${log === null ? state('none', 'doubt') : logState(log)}</h2>
${log === null ? NO_LOG : logFacts(log, read)}
</section>`;
}

const NO_LOG = html`<p>This deployment signs no account log, so nothing here proves itself to an outsider. Next: set
<code>SIGNING_KEY</code> and <code>LOG_ORIGIN</code> on the server and on the workers.</p>`;

function logState({ failed, isForeign, checkpoint }: LogView): Html {
  if (failed) return state('failed', 'bad');
  if (isForeign) return state('signed by an unknown key', 'bad');
  return checkpoint ? state('signed', 'good') : state('empty', 'calm');
}

function logFacts(log: LogView, read: Read): Html {
  const { origin, checkpoint, witnesses } = log;
  return html`${facts([
    ['Name (origin)', html`<code>${origin}</code>`],
    ['Checkpoint', checkpointWords(log, read)],
    ...(checkpoint ? [['Witnesses', witnessWords(witnesses, read)] as const] : []),
  ])}`;
}

function checkpointWords({ checkpoint, isForeign, unsigned }: LogView, read: Read): HtmlValue {
  const waiting =
    unsigned > 0 ? `; ${countOf(unsigned)} more ${unsigned === 1 ? 'waits' : 'wait'} for the next` : '';
  if (checkpoint) {
    const { size, signedAt } = checkpoint;
    return html`${countOf(size)}, signed ${time(signedAt, read.timeZone)} (${age(signedAt, read.now)})${waiting}`;
  }
  if (isForeign) return 'none that a key of this deployment has signed';
  return `none yet: the first is signed within a minute after a session has ended${waiting}`;
}

function countOf(entries: number): string {
  return `${formatCount(entries)} ${entries === 1 ? 'entry' : 'entries'}`;
}

/** How long ago, in words. */
function age(at: Date, now: Date): string {
  const ms = now.getTime() - at.getTime();
  if (ms < 0) return 'later than the clock of this server';
  const days = Math.floor(ms / DAY_MS);
  return days < 2 ? `${formatDuration(ms)} ago` : `${formatCount(days)} days ago`;
}

function witnessWords(witnesses: readonly WitnessView[], { timeZone }: Read): HtmlValue {
  if (witnesses.length === 0)
    return html`none is configured: <code>WITNESSES_FILE</code> names those who are asked to sign that they saw it`;
  return html`<ul>${witnesses.map(
    ({ name, at, contradictsSince }) =>
      html`<li><code>${name}</code> ${cosignedWords(at, contradictsSince, timeZone)}</li>\n`,
  )}</ul>
${witnesses.every(({ at }) => at !== null) ? nothing : html`<small>A witness that is away is asked again. Where it stays away, look into the log of the workers.</small>`}`;
}

function cosignedWords(at: Date | null, contradictsSince: Date | null, timeZone: string): Html {
  if (at !== null) return html`${state('cosigned', 'good')} ${time(at, timeZone)}`;
  if (contradictsSince === null) return html`${state('missing', 'doubt')} has not cosigned this checkpoint`;
  return html`${state('contradicts', 'bad')} says that it holds another log, since ${time(contradictsSince, timeZone)}`;
}
