import { LOG_FINDINGS } from '../../../../shared/sessions/log-marks.ts';
import { SESSION_STATUSES } from '../../../../shared/sessions/session.ts';
import { filterForm, input, type Option, select } from '../../markup/form.ts';
import type { Html } from '../../markup/html.ts';

const WINDOWS: readonly Option[] = [
  { value: '', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' },
  { value: '366d', label: 'Last 366 days' },
];

/** The filters of a list of sessions, as they are set. */
export function sessionFilters(given: URLSearchParams, agents: ReadonlyMap<string, string>): Html {
  const chosen = (name: string) => given.get(name) ?? undefined;
  const byName = [...agents].sort(([, a], [, b]) => a.localeCompare(b));
  return filterForm('/sessions', [
    select('since', 'Started', windowsWith(chosen('since')), chosen('since')),
    select(
      'agent_id',
      'Agent',
      anyOf(byName.map(([value, label]) => ({ value, label }))),
      chosen('agent_id'),
    ),
    select('status', 'Outcome', anyOf(SESSION_STATUSES.map(named)), chosen('status')),
    select('log', 'Log', anyOf(LOG_FINDINGS.map(named)), chosen('log')),
    input('min_redactions', 'Redactions, at least', { type: 'number', value: chosen('min_redactions') }),
  ]);
}

/** A window that a link asked for stays among the choices. */
function windowsWith(since: string | undefined): readonly Option[] {
  const isOffered = since === undefined || WINDOWS.some(({ value }) => value === since);
  return isOffered ? WINDOWS : [...WINDOWS, { value: since, label: `Since ${since}` }];
}

function anyOf(options: readonly Option[]): readonly Option[] {
  return [{ value: '', label: 'Any' }, ...options];
}

function named(value: string): Option {
  return { value, label: value.replaceAll('_', ' ') };
}
