import type { Page } from '../../page/page.ts';
import { AGENT_PAGE } from './agent.ts';
import { AGENTS_PAGE } from './list.ts';

export const AGENT_PAGES: readonly Page[] = [AGENTS_PAGE, AGENT_PAGE];
