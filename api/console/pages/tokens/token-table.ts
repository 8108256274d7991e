import type { Token } from '../../../../shared/accounts/token-repository.ts';
import { confirmForm } from '../../markup/confirm.ts';
import { type Html, html } from '../../markup/html.ts';
import { state } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';

export function tokenTable(tokens: readonly Token[], timeZone: string, now: Date): Html {
  return table(
    tokens,
    [
      {
        heading: 'Token',
        holds: 'name',
        cell: ({ name, id }) => html`${name}<br><small><code>${id}</code></small>`,
      },
      {
        heading: 'Revoke',
        cell: ({ id, name, revokedAt }) =>
          revokedAt ? '–' : confirmForm(`/tokens/${id}/revoke`, 'Revoke', `${name}, ${id}`),
      },
      { heading: 'State', cell: (token) => tokenState(token, timeZone, now) },
      { heading: 'Made', cell: ({ createdAt }) => time(createdAt, timeZone) },
      {
        heading: 'Last used',
        cell: ({ lastUsedAt }) => (lastUsedAt ? time(lastUsedAt, timeZone) : 'never'),
      },
      { heading: 'Permissions', holds: 'text', cell: ({ scopes }) => scopes.join(', ') },
    ],
    {
      caption: `Tokens, newest first. Times are in ${timeZone}, uses to the hour.`,
      empty: 'The account has no tokens.',
    },
  );
}

function tokenState({ revokedAt, expiresAt }: Token, timeZone: string, now: Date): Html {
  if (revokedAt) return html`${state('revoked', 'doubt')} ${time(revokedAt, timeZone)}`;
  const until = time(expiresAt, timeZone);
  return expiresAt > now
    ? html`${state('works', 'good')} until ${until}`
    : html`${state('expired', 'doubt')} ${until}`;
}
