// The console: the pages that a browser shows, on the API's own origin.
import type { Router } from '@koa/router';
import type { ApiDeps, ApiState } from '../http/context.ts';
import type { AnswerAsPage } from '../http/errors.ts';
import { mountRoutes } from '../http/mount-routes.ts';
import { createErrorPage } from './answer-error.ts';
import { mountAssets } from './assets/assets.ts';
import { createFrame } from './frame.ts';
import { createNavigation } from './navigation.ts';
import { type Form, formRoute, type Page, pageRoute } from './page/page.ts';
import { ACCESS_PAGES } from './pages/access/pages.ts';
import { AGENT_PAGES } from './pages/agents/pages.ts';
import { CONNECT_PAGES } from './pages/connect/pages.ts';
import { DOCS_LINK, DOCS_ROUTE } from './pages/docs/docs.ts';
import { EVIDENCE_PAGES } from './pages/evidence/pages.ts';
import { LOGIN_FORMS, LOGIN_PAGES } from './pages/logins/pages.ts';
import { OPERATOR_PAGES } from './pages/operators/pages.ts';
import { OVERVIEW_PAGE } from './pages/overview/overview.ts';
import { POLICY_PAGES } from './pages/policies/pages.ts';
import { REPORT_EVENT_ROUTES, REPORT_FORMS, REPORT_PAGES } from './pages/reports/pages.ts';
import { SESSION_FORMS, SESSION_PAGES } from './pages/sessions/pages.ts';
import { SIGN_IN_FORMS, SIGN_IN_PAGES } from './pages/sign-in/pages.ts';
import { TOKEN_FORMS, TOKEN_PAGES } from './pages/tokens/pages.ts';
import { WEBHOOK_FORMS, WEBHOOK_PAGES } from './pages/webhooks/pages.ts';

/** All pages, in the order of the navigation. A page that is listed here is mounted and stands in the navigation. */
export const CONSOLE_PAGES: readonly Page[] = [
  OVERVIEW_PAGE,
  ...SESSION_PAGES,
  ...AGENT_PAGES,
  ...REPORT_PAGES,
  ...EVIDENCE_PAGES,
  ...POLICY_PAGES,
  ...LOGIN_PAGES,
  ...TOKEN_PAGES,
  ...CONNECT_PAGES,
  ...ACCESS_PAGES,
  ...WEBHOOK_PAGES,
  ...OPERATOR_PAGES,
  ...SIGN_IN_PAGES,
];

/** All forms that do work. */
export const CONSOLE_FORMS: readonly Form[] = [
  ...SESSION_FORMS,
  ...LOGIN_FORMS,
  ...TOKEN_FORMS,
  ...WEBHOOK_FORMS,
  ...SIGN_IN_FORMS,
  ...REPORT_FORMS,
];

export type Console = Readonly<{
  routers: readonly Router<ApiState>[];
  answerAsPage: AnswerAsPage;
}>;

export function createConsole(deps: ApiDeps): Console {
  const frame = createFrame([...createNavigation(CONSOLE_PAGES), DOCS_LINK]);
  const routes = [
    ...CONSOLE_PAGES.map((page) => pageRoute(page, frame)),
    ...CONSOLE_FORMS.map((form) => formRoute(form, frame)),
    ...REPORT_EVENT_ROUTES,
    DOCS_ROUTE,
  ];
  return { routers: [mountAssets(), mountRoutes(routes, deps)], answerAsPage: createErrorPage(frame) };
}
