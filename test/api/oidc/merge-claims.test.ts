import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeClaims } from '../../../api/oidc/merge-claims.ts';

test('claims of the signed ID token count more than those of the user info', () => {
  assert.deepEqual(mergeClaims({ sub: 'a', groups: ['x'] }, { sub: 'b', groups: ['y'], name: 'Ada' }), {
    ...{ sub: 'a', groups: ['x'], name: 'Ada', email_verified: undefined },
  });
});

test('an e-mail is verified only where its own source says so', () => {
  const mark = (idToken: object, userInfo: object) =>
    mergeClaims(idToken as never, userInfo as never).email_verified;
  assert.equal(mark({ email: 'a@x' }, { email: 'b@x', email_verified: true }), undefined);
  assert.equal(mark({ email_verified: true }, { email: 'b@x' }), undefined);
  assert.equal(mark({ email: 'a@x', email_verified: true }, { email_verified: false }), true);
  assert.equal(mark({}, { email: 'b@x', email_verified: true }), true);
});
