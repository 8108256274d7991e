import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPath } from '../../../api/console/pages/sign-in/next-path.ts';

test('a page of this host is come back to, with its query', () => {
  const paths = [
    '/',
    '/sessions',
    '/sessions?since=7d&cursor=eyJ2Ijox.x_-',
    '/agents/agt_1',
    '/apiary',
    '/sign-inn',
  ];
  for (const path of paths) assert.equal(nextPath(path), path);
});

test('whatever leads elsewhere leads to the first page', () => {
  const bad = [
    ...[undefined, '', 'sessions', 'https:', 'https://evil.example/', 'javascript:alert(1)', '?x', '#x'],
    ...['//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/x\\..\\evil'],
    ...[
      '/\t/evil.example',
      '/\n/evil.example',
      '\t//evil.example',
      ' //evil.example',
      '/ /evil',
      '/x\r\nSet-Cookie: a=b',
    ],
    ...['/"', '/<b>', '/\u0000', '/é', '/\u202e', '/\uff0fevil.example', `/${'x'.repeat(2_000)}`],
  ];
  for (const path of bad) assert.equal(nextPath(path), '/', JSON.stringify(path));
});

test('a route of the API, and signing in again, are no pages to come back to, however they are spelled', () => {
  const left = [
    '/api/v1/sessions/x/report',
    '/api',
    '/api?x',
    '/sign-in',
    '/sign-in?next=%2F',
    '/sign-in/oidc',
    '/sign-out',
  ];
  const dotted = [
    '/x/../api/v1/reports',
    '/./api/v1/reports',
    '/%2e/api',
    '/x/%2E%2e/api/v1',
    '/x/.././sign-in/oidc',
  ];
  for (const path of [...left, ...dotted]) assert.equal(nextPath(path), '/', path);
});
