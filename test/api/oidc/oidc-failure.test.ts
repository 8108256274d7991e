import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeFailure } from '../../../api/oidc/oidc-failure.ts';

const thrown = (fields: object) => Object.assign(new Error('x'), fields);

test('a provider that does not answer as one does is away', () => {
  assert.equal(judgeFailure(new TypeError('fetch failed')).kind, 'away');
  assert.equal(judgeFailure(thrown({ code: 'OAUTH_TIMEOUT' })).kind, 'away');
  assert.equal(judgeFailure(thrown({ code: 'OAUTH_RESPONSE_IS_NOT_CONFORM' })).kind, 'away');
});

test('an error about this service is told from one about the code', () => {
  const body = { code: 'OAUTH_RESPONSE_BODY_ERROR' };
  assert.equal(judgeFailure(thrown({ ...body, error: 'invalid_client' })).kind, 'unknown_client');
  assert.deepEqual(judgeFailure(thrown({ ...body, error: 'invalid_grant' })), {
    ...{ kind: 'invalid', code: 'invalid_grant' },
  });
  const challenge = { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' };
  assert.equal(judgeFailure(thrown({ ...challenge, cause: [{ scheme: 'basic' }] })).kind, 'unknown_client');
  assert.equal(judgeFailure(thrown({ ...challenge, cause: [{ scheme: 'bearer' }] })).kind, 'invalid');
});

test('a code that is no word is not logged', () => {
  const error = thrown({ code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR', error: 'Ada Lovelace\n1815' });
  assert.deepEqual(judgeFailure(error), { kind: 'denied', code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR' });
});

test('a fault of this program is no failure of a sign-in', () => {
  for (const fault of [
    new RangeError('x'),
    Object.assign(new TypeError('x'), { code: 'ERR_INVALID_ARG_TYPE' }),
    'x',
  ]) {
    assert.throws(
      () => judgeFailure(fault),
      (error) => error === fault,
    );
  }
});
