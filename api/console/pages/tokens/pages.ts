import type { Form, Page } from '../../page/page.ts';
import { TOKENS_PAGE } from './list.ts';
import { MAKE_TOKEN_FORM } from './make.ts';
import { REVOKE_TOKEN_FORM } from './revoke.ts';

export const TOKEN_PAGES: readonly Page[] = [TOKENS_PAGE];
export const TOKEN_FORMS: readonly Form[] = [MAKE_TOKEN_FORM, REVOKE_TOKEN_FORM];
