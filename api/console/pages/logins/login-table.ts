import type { ListedLogin } from '../../../../shared/accounts/list-logins.ts';
import { confirmForm } from '../../markup/confirm.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { state } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';

export type LoginTableOptions = Readonly<{
  /** The reader's own. */
  currentId: string | null;
  mayEnd(login: ListedLogin): boolean;
  timeZone: string;
}>;

export function loginTable(
  logins: readonly ListedLogin[],
  { currentId, mayEnd, timeZone }: LoginTableOptions,
): Html {
  return table(
    logins,
    [
      { heading: 'User', holds: 'name', cell: (login) => userCell(login, login.id === currentId) },
      {
        heading: 'Revoke',
        cell: (login) =>
          mayEnd(login)
            ? confirmForm(`/logins/${login.id}/revoke`, 'Revoke', `${nameOf(login)}, ${login.id}`)
            : '–',
      },
      { heading: 'Made', cell: ({ createdAt }) => time(createdAt, timeZone) },
      {
        heading: 'Last used',
        cell: ({ lastUsedAt }) => (lastUsedAt ? time(lastUsedAt, timeZone) : 'never'),
      },
      { heading: 'Expires', cell: ({ expiresAt }) => time(expiresAt, timeZone) },
      {
        heading: 'Permissions',
        holds: 'text',
        cell: ({ permissions }) => permissions.join(', ') || 'none',
      },
    ],
    {
      caption: `Logins, newest first. Times are in ${timeZone}, uses to the hour.`,
      empty: 'Nobody is signed in.',
    },
  );
}

function userCell(login: ListedLogin, isCurrent: boolean): Html {
  return html`${nameOf(login)} ${isCurrent ? state('this browser', 'calm') : nothing}
${login.works ? nothing : state('refused: user deleted or disabled', 'doubt')}<br>
<small><code>${login.id}</code></small>`;
}

function nameOf({ userName, userId }: ListedLogin): string {
  return userName ?? userId;
}
