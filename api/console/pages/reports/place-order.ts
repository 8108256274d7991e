// Orders a report in the background and leads to its page; where that cannot be done now, says so and what to do.
import { AppError } from '../../../../shared/errors/app-error.ts';
import { tellTrouble } from '../../../../shared/process/trouble.ts';
import type { WideSubject } from '../../../../shared/reports/subject.ts';
import type { ApiContext } from '../../../http/context.ts';
import { noteAccess } from '../../../http/record-access.ts';
import {
  type NewOrder,
  ORDER_RETRY_AFTER_S,
  type OrderDeps,
  type OrderOutcome,
  orderReport,
} from '../../../routes/reports/order-report.ts';
import { type Html, html } from '../../markup/html.ts';
import type { PageContent, Redirect } from '../../page/page.ts';

export type PlaceDeps = OrderDeps;

export async function placeOrder(
  deps: PlaceDeps,
  ctx: ApiContext,
  order: Omit<NewOrder, 'userId' | 'userName'>,
): Promise<PageContent | Redirect> {
  const { accountId, userId, userName } = ctx.state.actor;
  const outcome = await orderReport(deps, accountId, { ...order, userId, userName }).catch(refusalOf);
  switch (outcome.status) {
    case 'accepted':
      noteAccess(ctx, 'report.order', outcome.job.id);
      return { redirectTo: `/reports/${outcome.job.id}` };
    case 'too_many':
      return notOrdered(ctx, TOO_MANY);
    case 'refused':
      return notOrdered(ctx, html`<p class="notice bad" role="alert">${outcome.message}</p>`);
    case 'queue_away':
      tellTrouble(deps.log, 'redis', outcome.cause, {
        request_id: ctx.state.requestId,
        about: 'report not queued',
      });
      return notOrdered(ctx, queueAway(order, outcome.isRefusal));
  }
}

type Refused = Readonly<{ status: 'refused'; message: string }>;

/** This deployment prints no PDF, or too many wait to be printed. */
function refusalOf(error: unknown): OrderOutcome | Refused {
  if (!(error instanceof AppError) || (error.code !== 'unavailable' && error.code !== 'overloaded'))
    throw error;
  const message =
    error.code === 'unavailable'
      ? 'This deployment makes no PDF now. Make the report as JSON, which holds the same facts.'
      : 'Too many PDFs wait to be printed. Try again in a moment, or make the report as JSON.';
  return { status: 'refused', message };
}

function notOrdered(ctx: ApiContext, why: Html): PageContent {
  ctx.set('Retry-After', String(ORDER_RETRY_AFTER_S));
  return {
    title: 'The report was not ordered',
    status: 503,
    main: html`${why}
<p><a href="/reports">Back to the reports</a></p>`,
  };
}

const TOO_MANY = html`<p class="notice doubt" role="alert">The account has as many reports under way as it may have at once.
Wait until one is ready, or cancel one that is not needed; then order this one again.</p>`;

function queueAway(
  { subject, format, exceptions }: Omit<NewOrder, 'userId' | 'userName'>,
  isRefusal: boolean,
): Html {
  const why = isRefusal ? 'takes no orders' : 'does not answer';
  const path = directPath(subject, { format, exceptions });
  return html`<p class="notice doubt" role="alert">Reports cannot be made in the background now: the queue of the workers (Redis)
${why}. Your order was not kept.</p>
<p>The report can still be made directly. The browser then waits until it is done: leave the page open.</p>
<p class="buttons"><a class="button" href="${path}">Make the report directly</a></p>
<p>A long report may not be ready in time that way. Then try again here once the queue ${isRefusal ? 'takes orders' : 'answers'}: an operator sees its
state at <a href="/health">/health</a>.</p>`;
}

/** Address of the API that makes the same report while its caller waits. */
export function directPath(
  subject: WideSubject,
  { format, exceptions }: Pick<NewOrder, 'format' | 'exceptions'>,
): string {
  const { since, until, tz, period } = subject.window;
  const window = period === null ? { since: since.toISOString(), until: until.toISOString() } : { period };
  const query = new URLSearchParams({ ...window, tz, format, exceptions });
  const path = subject.scope === 'agent' ? `/api/v1/agents/${subject.agentId}/report` : '/api/v1/reports';
  return `${path}?${query}`;
}
