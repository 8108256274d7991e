import type { Page } from '../../page/page.ts';
import { ACCOUNTS_PAGE } from './accounts.ts';
import { HEALTH_PAGE } from './health.ts';
import { KEYS_PAGE } from './keys.ts';
import { QUEUES_PAGE } from './queues.ts';

/** Pages for whoever runs the deployment. They speak of all accounts, so a tenant's login sees none of them. */
export const OPERATOR_PAGES: readonly Page[] = [HEALTH_PAGE, ACCOUNTS_PAGE, KEYS_PAGE, QUEUES_PAGE];
