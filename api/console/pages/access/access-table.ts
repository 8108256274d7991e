import { isId } from '../../../../shared/audit/ids.ts';
import type { AccessPage } from '../../../routes/access/schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { state, type Tone } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { exactTime } from '../../markup/time.ts';
import { actionWords } from './action-words.ts';

type Row = AccessPage['data'][number];
type Users = ReadonlyMap<string, Readonly<{ name: string }>>;

export function accessTable(rows: readonly Row[], users: Users, timeZone: string): Html {
  return table(
    rows,
    [
      { heading: 'When', cell: ({ at }) => exactTime(at, timeZone) },
      { heading: 'Who', holds: 'name', cell: (row) => who(row, users) },
      { heading: 'What', cell: what },
      { heading: 'About', cell: ({ subject }) => about(subject) },
      { heading: 'From', cell: ({ address }) => address ?? 'a terminal' },
      { heading: 'Row', holds: 'number', cell: ({ seq }) => seq },
      {
        heading: 'Audit key',
        cell: ({ key_id }) => (key_id === null ? '–' : html`<code>${key_id}</code>`),
      },
      {
        heading: 'Request',
        cell: ({ request_id }) => (request_id === null ? '–' : html`<code>${request_id}</code>`),
      },
    ],
    {
      caption: `Access record, newest first. Times are in ${timeZone}.`,
      empty: 'Nothing was looked at or done in this time that fits the filters.',
    },
  );
}

/** A doubt stands where it is seen without scrolling. */
function what({ action, signature }: Row): Html {
  if (signature === 'valid') return html`${actionWords(action)}`;
  const { word, tone } = DOUBTS[signature];
  return html`${actionWords(action)}<br>${state(word, tone)}`;
}

const DOUBTS = {
  none: { word: 'unsigned', tone: 'doubt' },
  unknown: { word: 'key unknown', tone: 'doubt' },
  false: { word: 'altered', tone: 'bad' },
} as const satisfies Record<Exclude<Row['signature'], 'valid'>, { word: string; tone: Tone }>;

function who({ user, token }: Row, users: Users): Html {
  if (user !== null) {
    const name = users.get(user)?.name;
    return typeof name === 'string'
      ? html`${name}<br><small><code>${user}</code></small>`
      : html`<code>${user}</code>`;
  }
  return token === null ? html`an operator’s command` : html`Token <code>${token}</code>`;
}

function about(subject: string | null): Html {
  if (subject === null) return html`–`;
  if (isId('session', subject)) return html`<a href="/sessions/${subject}"><code>${subject}</code></a>`;
  return html`<code>${subject}</code>`;
}
