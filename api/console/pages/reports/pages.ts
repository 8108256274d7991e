import type { RouteSpec } from '../../../http/route-spec.ts';
import type { Form, Page } from '../../page/page.ts';
import { MAKE_REPORT_FORM, NEW_REPORT_PAGE } from './order-page.ts';
import { REPORT_EVENTS_ROUTE } from './report-events.ts';
import { CANCEL_REPORT_FORM, REPEAT_REPORT_FORM, REPORT_PAGE } from './report-page.ts';
import { REPORTS_PAGE } from './reports-page.ts';

/** The page of a report comes last: its path has the form of the others'. */
export const REPORT_PAGES: readonly Page[] = [REPORTS_PAGE, NEW_REPORT_PAGE, REPORT_PAGE];

export const REPORT_FORMS: readonly Form[] = [MAKE_REPORT_FORM, CANCEL_REPORT_FORM, REPEAT_REPORT_FORM];

/** What pages load in place: no page of its own. */
export const REPORT_EVENT_ROUTES: readonly RouteSpec[] = [REPORT_EVENTS_ROUTE];
