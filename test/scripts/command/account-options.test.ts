import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAccount, parseName, parsePermissions } from '../../../scripts/command/account-options.ts';
import { UsageError } from '../../../scripts/command/command.ts';
import { TENANT_PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { newId } from '../../../shared/audit/ids.ts';

test('a name is 1 to 100 visible characters, without those that turn a line around', () => {
  assert.equal(parseName('--user', '  Ada Lovelace '), 'Ada Lovelace');
  assert.equal(parseName('--user', 'Jose\u0301'), 'José');
  for (const bad of ['', ' ', 'x'.repeat(101), 'a\nb', '\u001b[31mAda', '\u202eAda', 'A\u200bda', '\ud800']) {
    assert.throws(() => parseName('--user', bad), UsageError, JSON.stringify(bad));
  }
});

test('permissions are a list of known ones, each once, and those of a tenant by default', () => {
  assert.deepEqual(parsePermissions(undefined), TENANT_PERMISSIONS);
  assert.deepEqual(parsePermissions('admin, agents:read,admin'), ['admin', 'agents:read']);
  for (const bad of ['', 'root', 'admin,', 'Admin'])
    assert.throws(() => parsePermissions(bad), UsageError, bad);
});

test('an account has to be named, and nothing else', () => {
  const id = newId('account');
  assert.equal(parseAccount(id, []), id);
  assert.throws(() => parseAccount(undefined, []), UsageError);
  assert.throws(() => parseAccount(newId('user'), []), UsageError);
  assert.throws(() => parseAccount(id, ['x']), UsageError);
});
