// The page that verifies: a file in the reader's browser, or a value against what this service has.
import { z } from 'zod';
import { logKeys } from '../../../../shared/transparency/log-origin.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { noteAccess } from '../../../http/record-access.ts';
import { requestSignal } from '../../../http/request-signal.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { input } from '../../markup/form.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { inPlace, partAttributes } from '../../markup/part.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { type NameDeps, readNames } from '../reports/report-names.ts';
import { fileCheck } from './file-check.ts';
import { type FindDeps, findValue } from './find-value.ts';
import { parseValue } from './parse-value.ts';
import { foundView } from './value-view.ts';

const verifyQuery = z.object({ value: z.string('value must be given once.').optional() });

export const VERIFY_PAGE = definePage({
  path: '/verify',
  summary: 'Checks a file in the browser, and tells what a root, a digest or an id is.',
  permission: 'log:read',
  navigation: { label: 'Verify', group: 'evidence' },
  params: none,
  query: verifyQuery,
  errors: [],
  show: showVerify,
  // HEAD walks no log.
  find: async () => null,
});

const PART = 'found';
const WORDS = {
  failed: 'The value was not looked up',
  older: 'The answer below is about an earlier value.',
} as const;

type VerifyDeps = FindDeps & NameDeps & Pick<ApiDeps, 'witnesses'>;

async function showVerify(
  deps: VerifyDeps,
  ctx: ApiContext,
  { query: { value } }: RouteInput<typeof none, typeof verifyQuery>,
): Promise<PageContent> {
  const { accountLog, witnesses } = deps;
  const keys = accountLog ? logKeys(accountLog.identity, ctx.state.actor.accountId) : [];
  const answer = value === undefined ? { view: nothing } : await answerTo(deps, ctx, value);
  return {
    title: 'Verify',
    ...('status' in answer && { status: answer.status }),
    main: html`${fileCheck(keys, witnesses)}
<section id="lookup" aria-labelledby="lookup-heading">
<h2 id="lookup-heading">Look up a value</h2>
<p>A root, the SHA-256 of a report’s JSON, PDF or CSV, or the id of a report or a session: what is it, is it ours, does the account log
still say so? The log of its session is walked for the answer.</p>
<form class="row value" method="get" action="/verify" ${inPlace('/verify', PART)}>
${input('value', 'Root, digest or id', { value, required: true, placeholder: '64 hex digits, or rep_…' })}
<button type="submit">Look up</button>
</form>
<div ${partAttributes(PART, WORDS)}>${answer.view}</div>
</section>`,
  };
}

async function answerTo(
  deps: VerifyDeps,
  ctx: ApiContext,
  text: string,
): Promise<Readonly<{ view: Html; status?: number }>> {
  const value = parseValue(text);
  if (!value) return { view: NO_VALUE, status: 422 };
  const { accountId } = ctx.state.actor;
  const found = await findValue(deps, accountId, value, requestSignal(ctx.res));
  const shown = [...found.walked.keys(), ...found.sessions.map(({ session }) => session.id)];
  for (const sessionId of new Set(shown)) noteAccess(ctx, 'session.view', sessionId);
  const named = found.reports.map(({ told, report: { userId } }) => ({
    agent_id: told.agentId,
    user_id: userId,
  }));
  const names = await readNames(deps, accountId, named);
  return { view: foundView(found, { names, timeZone: timeZoneOf(ctx), at: new Date() }) };
}

const NO_VALUE = html`<p class="notice bad" role="alert"><strong>This is no root, digest or id.</strong> A root
and a SHA-256 have 64 hex digits, 0 to 9 and a to f; in a statement a SHA-256 is base64 of 44 characters. An id of a report begins
with <code>rep_</code>, one of a session with <code>sess_</code>. Paste it whole.</p>`;
