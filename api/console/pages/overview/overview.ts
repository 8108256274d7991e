import { none } from '../../../http/route-spec.ts';
import { html } from '../../markup/html.ts';
import { definePage } from '../../page/page.ts';

export const OVERVIEW_PAGE = definePage({
  path: '/',
  summary: 'Shows what the account needs to look at, and its redactions over time.',
  permission: 'sessions:read',
  navigation: { label: 'Overview', group: 'evidence' },
  params: none,
  query: none,
  errors: [],
  show: () => ({ title: 'Overview', main: html`<p>Nothing yet.</p>` }),
});
