// The identity provider of a test, and a browser without scripts that signs in at it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import type { IssuerTask } from './oidc-issuer-process.ts';

const ENTRY = join(import.meta.dirname, 'oidc-issuer-process.ts');

export type Issuer = Readonly<{ url: string; stop(): Promise<void> }>;

/** Runs the provider in a process of its own. It ends with the test at the latest. */
export async function startIssuer(
  t: { after(cleanUp: () => Promise<void>): void },
  task: IssuerTask,
): Promise<Issuer> {
  const child = spawn(process.execPath, [ENTRY, JSON.stringify(task)], {
    // It writes notices about a development set-up.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  t.after(stop);
  const [told] = await Promise.race([once(child, 'message'), exited]);
  assert.ok(told?.issuer, 'the identity provider ended before it listened');
  return { url: told.issuer, stop };
}

/**
 * Opens the provider's page, signs in there as `login` and agrees, until the provider sends the browser away from itself.
 * Returns where to.
 */
export async function signInAt(page: string, login: string): Promise<URL> {
  const { origin } = new URL(page);
  const jar = new Map<string, string>();
  let next: { url: URL; body?: URLSearchParams } = { url: new URL(page) };
  for (let step = 0; step < 20; step += 1) {
    if (next.url.origin !== origin) return next.url;
    const response = await fetch(next.url, {
      method: next.body ? 'POST' : 'GET',
      ...(next.body && { body: next.body }),
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get('location');
    next = location ? { url: new URL(location, next.url) } : fillForm(await response.text(), next.url, login);
  }
  throw new Error('the identity provider does not lead back');
}

function fillForm(markup: string, shownAt: URL, login: string): { url: URL; body: URLSearchParams } {
  const form = parseHTML(markup).document.querySelector('form');
  assert.ok(form, markup);
  const body = new URLSearchParams();
  for (const field of form.querySelectorAll('input')) {
    body.set(field.getAttribute('name') ?? '', field.getAttribute('value') ?? '');
  }
  if (body.has('login')) {
    body.set('login', login);
    body.set('password', 'any');
  }
  return { url: new URL(form.getAttribute('action') ?? '', shownAt), body };
}
