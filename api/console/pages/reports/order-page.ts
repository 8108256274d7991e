// The page that holds the form alone, with choices set, and the form's work.
import { z } from 'zod';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { choosePaper } from '../../../http/choose-paper.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { idOf } from '../../../http/parameters.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { accountSubject, agentSubject } from '../../../routes/reports/report-subject.ts';
import { assertSession } from '../../../routes/sessions/find-session.ts';
import { defineForm, definePage, type FormInput, type PageContent, type Redirect } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { type AskedReport, type OrderFields, orderFields, readOrder } from './order-fields.ts';
import { orderForm } from './order-form.ts';
import { type PlaceDeps, placeOrder } from './place-order.ts';

const newQuery = z.object({
  scope: z
    .enum(['account', 'agent', 'session'], 'scope must be given once: account, agent or session.')
    .optional(),
  agent_id: idOf('agent', 'The agent').optional(),
  session_id: idOf('session', 'The session').optional(),
});

export const NEW_REPORT_PAGE = definePage({
  path: '/reports/new',
  summary: 'Shows the form for a report, with choices set by whoever links here.',
  permission: 'reports:read',
  params: none,
  query: newQuery,
  errors: ['agent_not_found', 'session_not_found'],
  show: showNew,
});

export const MAKE_REPORT_FORM = defineForm({
  path: '/reports',
  summary: 'Orders a report on the account or an agent, or leads to the one on a session.',
  permission: 'reports:read',
  params: none,
  fields: orderFields,
  errors: ['agent_not_found', 'session_not_found'],
  submit: makeReport,
});

async function showNew(
  deps: Pick<ApiDeps, 'agents' | 'sessions'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof newQuery>,
): Promise<PageContent> {
  const { accountId } = ctx.state.actor;
  const { session_id: sessionId } = query;
  if (sessionId !== undefined) await assertSession(deps, accountId, sessionId);
  const content = await orderPage(deps, ctx, query);
  return content;
}

async function makeReport(
  deps: PlaceDeps & Pick<ApiDeps, 'accounts' | 'agents' | 'sessions'>,
  ctx: ApiContext,
  { fields }: FormInput<typeof none, typeof orderFields>,
): Promise<PageContent | Redirect> {
  const read = readOrder(fields, timeZoneOf(ctx), new Date());
  if (!read.ok) return { ...(await orderPage(deps, ctx, fields, read.problem)), status: 422 };
  const { accountId } = ctx.state.actor;
  const { asked } = read;
  if (asked.scope === 'session') {
    const id = await assertSession(deps, accountId, asked.sessionId);
    const paper = asked.format === 'pdf' && asked.paper ? `&paper=${asked.paper}` : '';
    return { redirectTo: `/api/v1/sessions/${id}/report?format=${asked.format}${paper}` };
  }
  const subject = await subjectOf(deps, accountId, asked);
  const { format, exceptions } = asked;
  const paper = await choosePaper(deps, accountId, asked);
  return await placeOrder(deps, ctx, { subject, format, exceptions, paper });
}

async function subjectOf(
  deps: Pick<ApiDeps, 'agents'>,
  accountId: string,
  { agentId, window }: AskedReport & { scope: 'wide' },
) {
  return agentId === null ? accountSubject(window) : await agentSubject(deps, accountId, agentId, window);
}

async function orderPage(
  { agents }: Pick<ApiDeps, 'agents'>,
  ctx: ApiContext,
  chosen: OrderFields,
  problem: string | null = null,
): Promise<PageContent> {
  const offered = await agentsOffered({ agents }, ctx.state.actor.accountId, chosen.agent_id);
  const facts = { chosen, agents: offered, timeZone: timeZoneOf(ctx), now: new Date(), problem };
  return { title: 'Make a report', main: orderForm(facts) };
}

/** An account with more agents reaches the others by the link on the agent's page, which names it. */
const AGENTS_OFFERED = 200;

/** The agents among which the form lets choose. Throws `agent_not_found` for a chosen one that the account has not. */
export async function agentsOffered(
  { agents }: Pick<ApiDeps, 'agents'>,
  accountId: string,
  chosen: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const offered = await agents.someNames(accountId, AGENTS_OFFERED);
  if (chosen === undefined || offered.has(chosen)) return offered;
  const found = await agents.namesById(accountId, [chosen]);
  if (!found.has(chosen)) throw new AppError('agent_not_found', 'The account has no such agent.');
  return new Map([...offered, ...found]);
}
