// What needs attention, each with the next step. The worst comes first.
import { isId } from '../../../../shared/audit/ids.ts';
import type { LogFinding } from '../../../../shared/sessions/account-findings.ts';
import { describeNeeds } from '../../../../shared/sessions/describe-key-needs.ts';
import { presentTime } from '../../../../shared/time/present-time.ts';
import { type Html, type HtmlValue, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { verdictState } from '../../markup/state.ts';
import { formatDuration } from '../../markup/time.ts';
import type { Overview } from './read-overview.ts';

type Item = Readonly<{ tone: 'bad' | 'doubt'; what: HtmlValue; details?: Html; next: HtmlValue }>;

export function attention(overview: Overview): Html {
  const items = [
    ...failedLogs(overview),
    ...missingKeys(overview),
    ...unverifiableLogs(overview),
    ...unsealedLogs(overview),
    ...pipelineTrouble(overview),
  ];
  return html`<section aria-labelledby="attention">
<h2 id="attention">Needs attention</h2>
${items.length === 0 ? html`<p>Nothing needs attention.</p>` : items.map(showItem)}
</section>`;
}

function showItem({ tone, what, details = nothing, next }: Item): Html {
  return html`<div class="notice ${tone}">
<h3>${what}</h3>
${details}
<p>Next: ${next}</p>
</div>\n`;
}

function failedLogs({ found, marked }: Overview): Item[] {
  const { count } = found.failed;
  if (count === 0) return [];
  const [first] = marked.failed;
  return [
    {
      tone: 'bad',
      what: `${countOf(count, 'log')} failed verification: ${count === 1 ? 'it is' : 'they are'} not as written`,
      details: html`<ul>${marked.failed.map(({ id, marks }) => {
        const { fault, seq } = marks.failed ?? { fault: 'unknown', seq: null };
        return html`<li>${sessionLink(id)} ${verdictState(String(fault))}${Number.isInteger(seq) ? html` at entry ${seq!}` : nothing}</li>`;
      })}</ul>${listLink(overviewOf(found, 'failed'), marked.failed.length)}`,
      next: html`keep the database as it is. It is the evidence: repair, restore and delete nothing in it. Open the session, then run <code>npm run verify -- ${first ? idText(first.id) : '--all'}</code> on the server, which names what was changed and where. Tell whoever is responsible for security.`,
    },
  ];
}

function missingKeys({ neededKeys, hasAuditKeys }: Overview): Item[] {
  if (neededKeys === null) {
    return [
      {
        tone: 'doubt',
        what: 'Whether every audit key is there could not be told in time',
        next: 'load this page again in a minute.',
      },
    ];
  }
  if (neededKeys.length > 0) {
    return [
      {
        tone: 'bad',
        what: `Logs need an audit key: ${describeNeeds(neededKeys)}`,
        next: html`set <code>AUDIT_KEYS</code> on the server to the values that these logs were signed with, and start it again. A key that was made locally is in <code>keys.json</code> in <code>DATA_DIR</code>. Until then these logs cannot be verified or reported.`,
      },
    ];
  }
  if (hasAuditKeys) return [];
  return [
    {
      tone: 'doubt',
      what: 'No audit key is configured',
      next: html`set <code>AUDIT_KEYS</code> on the server: without a key no log can be verified.`,
    },
  ];
}

function unverifiableLogs({ found, marked }: Overview): Item[] {
  const { count } = found.unverifiable;
  if (count === 0) return [];
  return [
    {
      tone: 'doubt',
      what: `${countOf(count, 'log')} could not be verified when last looked at`,
      details: html`<ul>${marked.unverifiable.map(
        ({ id, marks }) =>
          html`<li>${sessionLink(id)} needs audit key <code>${String(marks.missingKeyId)}</code></li>`,
      )}</ul>${listLink(overviewOf(found, 'unverifiable'), marked.unverifiable.length)}`,
      next: html`configure the audit key that each names in <code>AUDIT_KEYS</code>, then open the session: it is verified again.`,
    },
  ];
}

function unsealedLogs({ found }: Overview): Item[] {
  const { count } = found.unsealed;
  if (count === 0) return [];
  return [
    {
      tone: 'doubt',
      what: `${countOf(count, 'session')} ended without a seal: the last entries of ${count === 1 ? 'its log' : 'their logs'} may have been cut`,
      details: listLink(overviewOf(found, 'unsealed'), 0),
      next: 'open the sessions and ask whoever runs their agent whether its process was stopped. A log that is still being closed is sealed within a minute.',
    },
  ];
}

function pipelineTrouble({ pipeline: { state, lagMs } }: Overview): Item[] {
  const stays = 'The figures on this page are right all the same.';
  if (state === 'away') {
    return [
      {
        tone: 'doubt',
        what: 'The background pipeline cannot be asked: Redis does not answer',
        next: html`check <code>REDIS_URL</code> and that its server runs. ${stays}`,
      },
    ];
  }
  if (state === 'idle') {
    return [
      {
        tone: 'doubt',
        what: 'The background pipeline does not run: no worker is connected to one of its queues',
        next: html`start the workers with <code>npm run workers</code>. ${stays}`,
      },
    ];
  }
  if (state !== 'behind') return [];
  return [
    {
      tone: 'doubt',
      what: `The background pipeline is behind: a change of a session has waited for ${formatDuration(lagMs)}`,
      next: html`look into the log of the workers. ${stays}`,
    },
  ];
}

type Listed = Readonly<{ finding: LogFinding; count: number; earliest: Date | null }>;

function overviewOf(found: Overview['found'], finding: LogFinding): Listed {
  return { finding, ...found[finding] };
}

/** A link to all of them, unless all are named already. Nothing where no start can be named for the list. */
function listLink({ finding, count, earliest }: Listed, named: number): Html {
  if (earliest === null || count <= named) return nothing;
  const query = new URLSearchParams({ since: presentTime(earliest), ...FILTERS[finding] });
  return html`<p><a href="/sessions?${query.toString()}">Show all of them</a></p>`;
}

/** The filter of a list of sessions that shows what was found. */
export const FILTERS: Readonly<Record<LogFinding, Readonly<Record<string, string>>>> = {
  failed: { log_mark: 'failed' },
  unverifiable: { log_mark: 'unverifiable' },
  unsealed: { log_state: 'unsealed' },
};

/** A row may have any id; only a session's leads to a page. */
function sessionLink(id: string): Html {
  const code = html`<code>${String(id)}</code>`;
  return isId('session', id) ? html`<a href="/sessions/${id}">${code}</a>` : code;
}

function idText(id: string): string {
  return isId('session', id) ? id : '--all';
}

function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
