// What needs attention, each with the next step. The worst comes first.
import { isId } from '../../../../shared/audit/ids.ts';
import { describeNeeds } from '../../../../shared/sessions/describe-key-needs.ts';
import type { LogFinding } from '../../../../shared/sessions/log-marks.ts';
import type { SessionMarks } from '../../../../shared/sessions/session.ts';
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
    ...brokenAccountLog(overview),
    ...contradictingWitnesses(overview),
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

function failedLogs(overview: Overview): Item[] {
  const { count } = overview.found.failed;
  if (count === 0) return [];
  const first = overview.named.failed.find(({ id }) => isId('session', id));
  return [
    {
      tone: 'bad',
      what: `${countOf(count, 'log')} failed verification: ${count === 1 ? 'it is' : 'they are'} not as written`,
      details: logs(overview, 'failed', ({ failed }) => {
        const fault = typeof failed?.fault === 'string' ? failed.fault : 'unknown';
        const seq = failed?.seq;
        return html`${verdictState(fault)}${typeof seq === 'number' ? html` at entry ${seq}` : nothing}`;
      }),
      next: html`keep the database as it is. It is the evidence: repair, restore and delete nothing in it. Open ${count === 1 ? 'the session' : 'each session'}, then run <code>npm run verify -- ${first?.id ?? '--all'}</code> on the server, which names what was changed and where. Tell whoever is responsible for security.`,
    },
  ];
}

function brokenAccountLog({ accountLog }: Overview): Item[] {
  if (accountLog?.failed) {
    return [
      {
        tone: 'bad',
        what: 'The account log contradicts what was signed: nothing is signed any more',
        details: html`<p>Found: ${accountLog.failed.reason}.</p>`,
        next: html`keep the database as it is, and copy it and <code>DATA_DIR</code> before anything else. Tell whoever is responsible for security, and run <code>npm run verify -- --all</code> on the server. The remedy is the newest complete copy of the database: once the log agrees with its checkpoints again, the workers sign it by themselves. What was signed before stays good.`,
      },
    ];
  }
  if (!accountLog?.isForeign) return [];
  return [
    {
      tone: 'bad',
      what: 'The account log has a checkpoint that no key of this deployment has signed',
      next: html`if <code>SIGNING_KEY</code> was changed, add the earlier public key to <code>RETIRED_KEYS</code> on the server and on the workers; if <code>LOG_ORIGIN</code> was changed, set it back. Otherwise somebody wrote to the database: keep it as it is, and tell whoever is responsible for security.`,
    },
  ];
}

function contradictingWitnesses({ accountLog }: Overview): Item[] {
  const names = (accountLog?.witnesses ?? [])
    .filter(({ at, contradictsSince }) => at === null && contradictsSince !== null)
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      tone: 'bad',
      what: `${names.length === 1 ? 'A witness says that it holds' : `${names.length} witnesses say that they hold`} another log of this account than there is`,
      details: html`<p>${names.map((name) => html`<code>${name}</code> `)}</p>`,
      next: html`take the witness's word for a claim, and look into the log of the workers, which has its answer. Where it has cosigned more entries than there are, the database and <code>DATA_DIR</code> were put back to an older copy: keep them as they are, and bring the newest complete copy. Where it is wrong, ask whoever runs it.`,
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
        next: html`${neededKeys.some(({ problem }) => problem !== 'out_of_scope') ? BRING_BACK : nothing}${neededKeys.some(({ problem }) => problem === 'out_of_scope') ? WIDEN : nothing}until then these logs cannot be verified or reported.`,
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

const BRING_BACK = html`set <code>AUDIT_KEYS</code> on the server to the values that these logs were signed with; a key that was made locally is in <code>keys.json</code> in <code>DATA_DIR</code>. Then start the server again: `;
const WIDEN = html`where a key is out of scope and is the one that these logs were signed with, widen its scope in <code>AUDIT_KEYS</code>: `;

function unverifiableLogs(overview: Overview): Item[] {
  const { count } = overview.found.unverifiable;
  if (count === 0) return [];
  return [
    {
      tone: 'doubt',
      what: `${countOf(count, 'log')} could not be verified when last looked at`,
      details: logs(overview, 'unverifiable', ({ unverifiable }) => whyUnverifiable(unverifiable)),
      next: html`configure the audit key that each names in <code>AUDIT_KEYS</code> on the server, and compare a damaged row with a backup of the database. Then open ${count === 1 ? 'the session' : 'the sessions'}: that verifies again.`,
    },
  ];
}

/** A row may hold anything in place of a mark. */
function whyUnverifiable(verdict: SessionMarks['unverifiable']): Html {
  if (verdict === null) return html`for an unknown reason`;
  return verdict.reason === 'unknown_key'
    ? html`needs audit key <code>${verdict.keyId}</code>`
    : html`has a damaged row: <code>${verdict.field}</code> is not as a writer stored it`;
}

function unsealedLogs(overview: Overview): Item[] {
  const { count } = overview.found.unsealed;
  if (count === 0) return [];
  return [
    {
      tone: 'doubt',
      what: `${countOf(count, 'session')} ended without a seal: the last entries of ${count === 1 ? 'its log' : 'their logs'} may have been cut`,
      details: logs(overview, 'unsealed', () => nothing),
      next: `open ${count === 1 ? 'it' : 'each of them'} and ask whoever runs the agent whether its process was stopped. A log that is still being closed is sealed within a minute.`,
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
  if (state === 'paused') {
    return [
      {
        tone: 'doubt',
        what: 'The background pipeline is paused, in one of its queues at least',
        next: html`have an operator resume it in <code>/admin/queues</code>: until then nothing is added to the account log, or nothing is verified again. ${stays}`,
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

/** The newest logs of a finding, and a link to all of them where there are more. */
function logs({ found, named }: Overview, finding: LogFinding, about: (marks: SessionMarks) => Html): Html {
  const { count, earliest } = found[finding];
  const rows = named[finding];
  const query = new URLSearchParams({ since: listStart(earliest), ...FILTERS[finding] });
  return html`<ul>${rows.map(({ id, marks }) => html`<li>${sessionLink(id)} ${about(marks)}</li>\n`)}</ul>
${count > rows.length ? html`<p><a href="/sessions?${query.toString()}">Show all of them</a></p>` : nothing}`;
}

/** A start that a list takes, and that is early enough. A row may hold any time, or none. */
function listStart(earliest: Date | null): string {
  const text = earliest === null ? '' : presentTime(earliest);
  return /^\d{4}-/.test(text) ? text : '0000-01-01T00:00:00Z';
}

/** The filter of a list of sessions that shows what was found. */
export const FILTERS: Readonly<Record<LogFinding, Readonly<Record<string, string>>>> = {
  failed: { log: 'failed' },
  unverifiable: { log: 'unverifiable' },
  unsealed: { log: 'unsealed' },
};

/** A row may have any id; only a session's leads to a page. */
function sessionLink(id: string): Html {
  const code = html`<code>${String(id)}</code>`;
  return isId('session', id) ? html`<a href="/sessions/${id}">${code}</a>` : code;
}

function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
