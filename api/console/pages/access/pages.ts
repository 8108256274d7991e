import type { Page } from '../../page/page.ts';
import { ACCESS_PAGE } from './list.ts';

export const ACCESS_PAGES: readonly Page[] = [ACCESS_PAGE];
