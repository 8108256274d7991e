import type { Form, Page } from '../../page/page.ts';
import { OIDC_CALLBACK_PAGE } from './oidc-callback.ts';
import { OIDC_START_PAGE } from './oidc-start.ts';
import { SIGN_IN_PAGE } from './sign-in.ts';
import { SIGN_OUT_FORM } from './sign-out.ts';
import { SIGN_IN_FORM } from './use-link.ts';

export const SIGN_IN_PAGES: readonly Page[] = [SIGN_IN_PAGE, OIDC_START_PAGE, OIDC_CALLBACK_PAGE];
export const SIGN_IN_FORMS: readonly Form[] = [SIGN_IN_FORM, SIGN_OUT_FORM];
