import type { SessionsResponse } from '../../../http/session-summary.ts';
import { type Html, html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { logState, sessionStatus } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { formatDuration, time } from '../../markup/time.ts';

/** A table of sessions, as lists of the API present them. */
export function sessionTable(sessions: SessionsResponse['data'], timeZone: string): Html {
  return table(
    sessions,
    [
      { heading: 'Session', cell: ({ id }) => html`<a href="/sessions/${id}"><code>${id}</code></a>` },
      { heading: 'Started', cell: ({ started_at }) => time(started_at, timeZone) },
      {
        heading: 'Agent',
        holds: 'name',
        cell: ({ agent_id, agent_name }) => html`<a href="/agents/${agent_id}">${agent_name}</a>`,
      },
      {
        heading: 'Duration',
        holds: 'number',
        cell: ({ duration_ms }) => (duration_ms === null ? '–' : formatDuration(duration_ms)),
      },
      { heading: 'Outcome', cell: ({ status }) => sessionStatus(status) },
      { heading: 'Log', cell: ({ log_state }) => logState(log_state) },
      {
        heading: 'Redactions',
        holds: 'number',
        cell: ({ redaction_count }) => formatCount(redaction_count),
      },
    ],
    {
      caption: `Sessions, newest first. Times are in ${timeZone}.`,
      empty: 'No session of the account matches these filters.',
    },
  );
}
