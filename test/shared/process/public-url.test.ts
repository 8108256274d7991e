import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicUrl, readOrigin } from '../../../shared/process/public-url.ts';

const config = { publicUrl: undefined, host: '127.0.0.1', port: 8080 };

test('browsers reach the service at PUBLIC_URL, else where the API listens, else at HOST and PORT', () => {
  assert.equal(
    publicUrl({ ...config, publicUrl: 'https://evidence.example' }, 'http://0.0.0.0:1'),
    'https://evidence.example',
  );
  assert.equal(publicUrl(config, 'http://127.0.0.1:4321'), 'http://127.0.0.1:4321');
  assert.equal(publicUrl(config), 'http://127.0.0.1:8080');
  assert.equal(publicUrl({ ...config, host: '::1' }), 'http://[::1]:8080');
});

test('an API that listens on every address is reached at the local one', () => {
  for (const host of ['0.0.0.0', '::']) assert.equal(publicUrl({ ...config, host }), 'http://127.0.0.1:8080');
  assert.equal(publicUrl(config, 'http://[::]:4321'), 'http://127.0.0.1:4321');
});

test('an origin is a scheme and a host, with or without a port and the last slash', () => {
  for (const text of ['https://evidence.example', 'https://evidence.example/', 'http://127.0.0.1:8080']) {
    assert.equal(readOrigin(text), text.replace(/\/$/, ''));
  }
  const bad = [
    '',
    'evidence.example',
    'https://',
    'ftp://x',
    'https://x/y',
    'https://x/?y',
    'https://x/#y',
    'https://a:b@x',
    'javascript:x',
  ];
  for (const text of bad) assert.equal(readOrigin(text), null, text);
});
