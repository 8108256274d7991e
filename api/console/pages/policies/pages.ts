import type { Page } from '../../page/page.ts';
import { COMPARE_POLICIES_PAGE } from './compare-page.ts';
import { POLICIES_PAGE } from './policies-page.ts';
import { POLICY_PAGE } from './version-page.ts';

/** The page of a version comes last: its path has the form of the other's. */
export const POLICY_PAGES: readonly Page[] = [POLICIES_PAGE, COMPARE_POLICIES_PAGE, POLICY_PAGE];
