import type { Form, Page } from '../../page/page.ts';
import { SESSION_PAGE, VERIFY_FORM } from './detail.ts';
import { SESSIONS_PAGE } from './list.ts';

export const SESSION_PAGES: readonly Page[] = [SESSIONS_PAGE, SESSION_PAGE];
export const SESSION_FORMS: readonly Form[] = [VERIFY_FORM];
