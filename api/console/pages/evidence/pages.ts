import type { Page } from '../../page/page.ts';
import { AUDITORS_PAGE } from './auditors.ts';
import { VERIFY_PAGE } from './verify.ts';

export const EVIDENCE_PAGES: readonly Page[] = [VERIFY_PAGE, AUDITORS_PAGE];
