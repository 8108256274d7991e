import type { Page } from '../../page/page.ts';
import { SESSIONS_PAGE } from './list.ts';

export const SESSION_PAGES: readonly Page[] = [SESSIONS_PAGE];
