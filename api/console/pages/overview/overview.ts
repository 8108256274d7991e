import type { ApiContext } from '../../../http/context.ts';
import { requestSignal } from '../../../http/request-signal.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { redactionChart } from '../../charts/window-charts.ts';
import { html, nothing } from '../../markup/html.ts';
import { maySee } from '../../page/may-see.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { windowBucket, windowChoice, windowPart, windowQuery, windowWords } from '../../page/window.ts';
import { logSection } from '../evidence/log-section.ts';
import { sessionTable } from '../sessions/session-table.ts';
import { attention } from './attention.ts';
import { figures } from './figures.ts';
import { type OverviewDeps, readOverview } from './read-overview.ts';

export const OVERVIEW_PAGE = definePage({
  path: '/',
  summary: 'Shows what the account needs to look at, and its redactions over time.',
  permission: 'sessions:read',
  navigation: { label: 'Overview', group: 'evidence' },
  params: none,
  query: windowQuery,
  compressed: true,
  takesTurns: true,
  errors: [],
  show: showOverview,
});

async function showOverview(
  deps: OverviewDeps,
  ctx: ApiContext,
  { query: { window } }: RouteInput<typeof none, typeof windowQuery>,
): Promise<PageContent> {
  const timeZone = timeZoneOf(ctx);
  const { actor } = ctx.state;
  const now = new Date();
  const maySeeLog = maySee(actor, 'log:read');
  const asked = { window, timeZone, now, signal: requestSignal(ctx.res), maySeeLog };
  const overview = await readOverview(deps, actor.accountId, asked);
  const words = windowWords(window);
  const chart = { buckets: overview.buckets, bucket: windowBucket(window), timeZone, words };
  return {
    title: 'Overview',
    main: windowPart(
      window,
      html`${attention(overview)}
<h2>The ${words}</h2>
${windowChoice('/', window)}
${figures(overview, window)}
${
  maySeeLog
    ? html`${logSection(overview.accountLog, { timeZone, now })}
${LOG_LINKS}`
    : nothing
}
<h2>Redactions by kind</h2>
${await redactionChart(chart)}
<h2>Newest sessions</h2>
${
  overview.newest.length === 0
    ? html`<p>No session of the ${words} has ended.</p>`
    : html`${sessionTable(overview.newest, timeZone)}
<p><a href="/sessions?since=${window}">All sessions of the ${words}</a></p>`
}`,
    ),
  };
}

const LOG_LINKS = html`<p><a href="/auditors">The verifier key for auditors</a> · <a href="/verify">Verify a file or a value</a></p>`;
