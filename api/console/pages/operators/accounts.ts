import { none } from '../../../http/route-spec.ts';
import { html } from '../../markup/html.ts';
import { state } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';
import { definePage } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';

const SHOWN = 500;

export const ACCOUNTS_PAGE = definePage({
  path: '/operators/accounts',
  summary: 'Lists the accounts of the deployment.',
  permission: 'admin',
  navigation: { label: 'Accounts', group: 'operators' },
  params: none,
  query: none,
  errors: [],
  async show({ accounts }, ctx) {
    const rows = await accounts.list(SHOWN + 1);
    const zone = timeZoneOf(ctx);
    return {
      title: 'Accounts',
      main: html`${table(
        rows.slice(0, SHOWN),
        [
          { heading: 'Account', cell: ({ id }) => html`<code>${id}</code>` },
          { heading: 'Name', holds: 'text', cell: ({ name }) => name },
          { heading: 'Made', cell: ({ createdAt }) => (createdAt ? time(createdAt, zone) : '–') },
          {
            heading: 'State',
            cell: ({ isDeleted }) => (isDeleted ? state('deleted', 'doubt') : state('active', 'calm')),
          },
        ],
        {
          caption: `Accounts, newest first. Times are in ${zone}.`,
          empty: 'There is no account: an import makes one (npm run import -- DIR).',
        },
      )}
${rows.length > SHOWN ? html`<p>Older accounts are not shown.</p>` : html`<p>Sign in to one: <code>npm run login -- --account ID --link</code></p>`}`,
    };
  },
});
