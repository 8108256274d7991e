import type { Form, Page } from '../../page/page.ts';
import { LOGINS_PAGE } from './list.ts';
import { REVOKE_LOGIN_FORM } from './revoke.ts';

export const LOGIN_PAGES: readonly Page[] = [LOGINS_PAGE];
export const LOGIN_FORMS: readonly Form[] = [REVOKE_LOGIN_FORM];
