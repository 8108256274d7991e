import type { Agent } from '../../../../shared/accounts/agent-repository.ts';
import type { AgentStats } from '../../../../shared/aggregates/agent-stats.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ApiContext } from '../../../http/context.ts';
import { requestSignal } from '../../../http/request-signal.ts';
import type { RouteInput } from '../../../http/route-spec.ts';
import { agentParams } from '../../../routes/agents/schema.ts';
import { redactionChart, sessionChart } from '../../charts/window-charts.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { maySee } from '../../page/may-see.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { windowBucket, windowChoice, windowPart, windowQuery, windowWords } from '../../page/window.ts';
import { sessionTable } from '../sessions/session-table.ts';
import { latencyTable } from './latency.ts';
import { policySection } from './policy-section.ts';
import {
  type AgentDeps,
  type AgentQuery,
  type AgentSessions,
  readAgent,
  readAgentSessions,
} from './read-agent.ts';

export const AGENT_PAGE = definePage({
  path: '/agents/{agent_id}',
  summary: 'Shows an agent: what it redacted, how long its sessions took, and what its policy covers.',
  permission: 'agents:read',
  params: agentParams,
  query: windowQuery,
  compressed: true,
  takesTurns: true,
  errors: ['agent_not_found'],
  show: showAgent,
});

async function showAgent(
  deps: AgentDeps,
  ctx: ApiContext,
  { params: { agent_id: agentId }, query: { window } }: RouteInput<typeof agentParams, typeof windowQuery>,
): Promise<PageContent> {
  if (agentId === null) throw new AppError('agent_not_found', 'No agent has such an ID.');
  const { actor } = ctx.state;
  const asked = { window, timeZone: timeZoneOf(ctx), now: new Date(), signal: requestSignal(ctx.res) };
  const maySeeSessions = maySee(actor, 'sessions:read');
  const [{ agent, stats }, sessions] = await Promise.all([
    readAgent(deps, actor.accountId, agentId, asked),
    maySeeSessions ? readAgentSessions(deps, actor.accountId, agentId, asked) : null,
  ]);
  return {
    title: agent.name || agent.id,
    main: windowPart(
      window,
      html`${buttons(agent, window, { sessions: maySeeSessions, reports: maySee(actor, 'reports:read') })}
${aboutAgent(agent, stats)}
<h2>How long sessions took</h2>
${latencyTable(stats)}
${sessions ? await sessionSections(agent, sessions, asked) : nothing}`,
    ),
  };
}

function buttons(
  { id }: Agent,
  window: string,
  may: Readonly<{ sessions: boolean; reports: boolean }>,
): Html {
  return html`<div class="buttons">
${may.reports ? html`<a class="button" href="/reports/new?scope=agent&amp;agent_id=${id}">Make a report</a>` : nothing}
${may.sessions ? html`<a class="button" href="/sessions?since=${window}&amp;agent_id=${id}">Its sessions</a>` : nothing}
</div>`;
}

function aboutAgent({ id, policyName }: Agent, stats: AgentStats): Html {
  return html`<dl class="figures">
<div><dt>Sessions</dt><dd>${formatCount(stats.sessionCount24h)} <small>in 24 hours</small></dd></div>
<div><dt>Sessions</dt><dd>${formatCount(stats.sessionCount7d)} <small>in 7 days</small></dd></div>
<div><dt>Redactions</dt><dd>${formatCount(stats.redactionCount24h)} <small>in 24 hours</small></dd></div>
</dl>
${facts([
  ['ID', html`<code>${id}</code>`],
  ['Policy', policyName || 'none is named'],
])}`;
}

async function sessionSections(
  { id }: Agent,
  { buckets, newest, policy }: AgentSessions,
  { window, timeZone }: AgentQuery,
): Promise<Html> {
  const words = windowWords(window);
  const chart = { buckets, bucket: windowBucket(window), timeZone, words };
  return html`<h2>Policy in force</h2>
${policySection(policy, timeZone)}
<h2>The ${words}</h2>
${windowChoice(`/agents/${id}`, window)}
<h3>Redactions by kind</h3>
${await redactionChart(chart)}
<h3>Sessions</h3>
${await sessionChart(chart)}
<h3>Newest sessions</h3>
${newest.length === 0 ? html`<p>No session of the ${words} has ended.</p>` : sessionTable(newest, timeZone)}`;
}
