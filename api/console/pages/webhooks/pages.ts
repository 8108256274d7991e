import type { Form, Page } from '../../page/page.ts';
import { ADD_WEBHOOK_FORM } from './add.ts';
import { CHANGE_WEBHOOK_FORMS } from './change.ts';
import { WEBHOOKS_PAGE } from './list.ts';
import { WEBHOOK_PAGE } from './webhook-page.ts';

export const WEBHOOK_PAGES: readonly Page[] = [WEBHOOKS_PAGE, WEBHOOK_PAGE];
export const WEBHOOK_FORMS: readonly Form[] = [ADD_WEBHOOK_FORM, ...CHANGE_WEBHOOK_FORMS];
