// Sends the forms of the console as a browser without scripts does.
import type { TestApp } from './start-app.ts';

/** Sends a form from a page of this host. Follows no redirect. */
export function sendForm(
  app: Pick<TestApp, 'url'>,
  path: string,
  fields: Readonly<Record<string, string>> | URLSearchParams,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${app.url}${path}`, {
    ...{ method: 'POST', redirect: 'manual' },
    body: new URLSearchParams(fields),
    headers: { 'Sec-Fetch-Site': 'same-origin', ...headers },
  });
}

/** The cookies that an answer sets, by name; an empty text for one that it clears. */
export function cookiesSet(response: Response): Record<string, string> {
  return Object.fromEntries(
    response.headers.getSetCookie().map((set) => {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      return [name, value];
    }),
  );
}
