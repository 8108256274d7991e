import type { NavigationEntry, Page } from './page/page.ts';

/** A page in the navigation. */
export type NavigationLink = NavigationEntry & Readonly<{ path: string; permission: Page['permission'] }>;

/** The links of all pages that stand in the navigation, in the order of the console's list. */
export function createNavigation(pages: readonly Page[]): readonly NavigationLink[] {
  return pages.flatMap(({ navigation, path, permission }) =>
    navigation ? [{ ...navigation, path, permission }] : [],
  );
}

/** Whether a path is a link's page or one below it. */
export function isAt(link: Pick<NavigationLink, 'path'>, path: string): boolean {
  return link.path === '/' ? path === '/' : path === link.path || path.startsWith(`${link.path}/`);
}
