// The form "Make a report". As it comes, it asks for last month's report on the whole account as a PDF: one press of its
// button is enough. Fields that a choice does not need are hidden by the sheet, where the browser can do so.
import { ZONES } from '../../../../shared/time/local-buckets.ts';
import { choices } from '../../markup/choices.ts';
import { input, type Option, select } from '../../markup/form.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import type { OrderFields } from './order-fields.ts';
import { namePeriod, periodAt } from './windows.ts';

export type OrderFormFacts = Readonly<{
  /** What is chosen already. */
  chosen: OrderFields;
  agents: ReadonlyMap<string, string>;
  /** The reader's zone. */
  timeZone: string;
  now: Date;
  /** What is wrong in what was sent; null for a form that is shown first. */
  problem: string | null;
}>;

const SCOPES: readonly Option[] = [
  { value: 'account', label: 'Whole account' },
  { value: 'agent', label: 'One agent' },
  { value: 'session', label: 'One session' },
];

const FORMATS: readonly Option[] = [
  { value: 'pdf', label: 'PDF' },
  { value: 'json', label: 'JSON' },
];

const EXCEPTIONS: readonly Option[] = [
  { value: 'refuse', label: 'Make no report' },
  { value: 'list', label: 'List them in the report' },
];

const PAPER: readonly Option[] = [
  { value: '', label: 'The account’s' },
  { value: 'a4', label: 'A4' },
  { value: 'letter', label: 'US Letter' },
];

export function orderForm(facts: OrderFormFacts): Html {
  const { chosen, agents, problem } = facts;
  const zone = chosen.tz ?? facts.timeZone;
  const isOpen = [chosen.exceptions, chosen.tz, chosen.paper || undefined].some((each) => each !== undefined);
  return html`<form class="order" method="post" action="/reports">
${problem === null ? nothing : html`<p class="notice bad" role="alert">${problem}</p>\n`}
${choices('scope', 'About', SCOPES, chosen.scope ?? 'account')}
<div class="for-agent">${select('agent_id', 'Agent', agentOptions(agents), chosen.agent_id)}</div>
<div class="for-session">${input('session_id', 'Id of the session', { value: chosen.session_id, placeholder: 'sess_…' })}</div>
<div class="for-window">
${choices('when', 'When', whenOptions(facts.now, facts.timeZone), chosen.when ?? 'last_month')}
<div class="for-own">
${input('from', 'First day', { type: 'date', value: chosen.from })}
${input('to', 'Last day', { type: 'date', value: chosen.to })}
</div>
</div>
${choices('format', 'Format', FORMATS, chosen.format ?? 'pdf', csvChoice(chosen.format))}
<details${isOpen ? html` open` : nothing}><summary>More choices</summary>
<div class="for-pdf">${select('paper', 'Paper', PAPER, chosen.paper)}</div>
<div class="for-window">
${choices('exceptions', 'If a log is not verified', EXCEPTIONS, chosen.exceptions ?? 'refuse')}
<label>Time zone of the days
<select name="tz">${zoneOptions(zone)}</select></label>
</div>
</details>
<button type="submit">Make the report</button>
</form>`;
}

/** CSV has a row a session, so that there is none of one session. */
function csvChoice(format: string | undefined): Html {
  const checked = format === 'csv' ? html` checked` : nothing;
  return html`<label class="for-window"><input type="radio" name="format" value="csv"${checked}> CSV</label>`;
}

function whenOptions(now: Date, timeZone: string): readonly Option[] {
  const named = (when: Parameters<typeof periodAt>[0], label: string): Option => ({
    value: when,
    label: `${label} (${namePeriod(periodAt(when, now, timeZone))})`,
  });
  return [
    named('last_month', 'Last month'),
    named('this_month', 'This month'),
    named('last_quarter', 'Last quarter'),
    named('this_quarter', 'This quarter'),
    { value: 'own', label: 'Own dates' },
  ];
}

function agentOptions(agents: ReadonlyMap<string, string>): readonly Option[] {
  return [...agents]
    .map(([value, label]) => ({ value, label }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

/** Zones that this process knows; the chosen one stays among them under the name that it was given. */
function zoneOptions(chosen: string): Html {
  const others = [...OPTIONS].map(([zone, option]) => (zone === chosen ? zoneOption(zone, true) : option));
  return html`${ZONES.has(chosen) ? nothing : zoneOption(chosen, true)}${others}`;
}

function zoneOption(zone: string, isChosen: boolean): Html {
  return html`<option value="${zone}"${isChosen ? html` selected` : nothing}>${zone.replaceAll('_', ' ')}</option>`;
}

/** Made once: there are hundreds. */
const OPTIONS: ReadonlyMap<string, Html> = new Map([...ZONES].map((zone) => [zone, zoneOption(zone, false)]));
