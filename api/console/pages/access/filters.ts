import { ACCESS_ACTIONS } from '../../../../shared/access-record/access-row.ts';
import { filterForm, input, type Option, select } from '../../markup/form.ts';
import type { Html } from '../../markup/html.ts';
import { actionWords } from './action-words.ts';

const WINDOWS: readonly Option[] = [
  { value: '', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' },
  { value: '366d', label: 'Last 366 days' },
];

/** The filters, as they are set. */
export function accessFilterForm(given: URLSearchParams): Html {
  const chosen = (name: string) => given.get(name) ?? undefined;
  const since = chosen('since');
  // A window that a link asked for stays among the choices.
  const isOffered = since === undefined || WINDOWS.some(({ value }) => value === since);
  const windows = isOffered ? WINDOWS : [...WINDOWS, { value: since, label: `Since ${since}` }];
  const actions = ACCESS_ACTIONS.map((value) => ({ value, label: actionWords(value) }));
  return filterForm('/access', [
    select('since', 'When', windows, since),
    select('action', 'What', [{ value: '', label: 'Anything' }, ...actions], chosen('action')),
    input('subject', 'About, an id', { value: chosen('subject'), placeholder: 'sess_…' }),
    input('user', 'User, an id', { value: chosen('user'), placeholder: 'usr_…' }),
    input('token', 'Token, an id', { value: chosen('token'), placeholder: 'tok_…' }),
  ]);
}
