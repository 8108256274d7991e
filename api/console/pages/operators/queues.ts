import { none } from '../../../http/route-spec.ts';
import { html } from '../../markup/html.ts';
import { definePage } from '../../page/page.ts';

/** Frames the board of the queues, which a package makes, under the console's own header. */
export const QUEUES_PAGE = definePage({
  path: '/operators/queues',
  summary: 'Shows the board of the queues.',
  permission: 'admin',
  navigation: { label: 'Queues', group: 'operators' },
  params: none,
  query: none,
  errors: [],
  show: () => ({
    title: 'Queues',
    main: html`<iframe class="board" src="/admin/queues" title="Board of the queues"></iframe>
<p><a href="/admin/queues">Open the board by itself</a></p>`,
  }),
});
