import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Db } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import { createPolicyRepository, type PolicyRepository } from '../../../shared/policy/policy-repository.ts';
import { openTestDatabase } from '../../support/mongo.ts';

let db: Db;
let policies: PolicyRepository;
const releases: (() => Promise<void>)[] = [];

before(async () => {
  ({ db } = await openTestDatabase({ after: (release) => releases.push(release) }));
  policies = createPolicyRepository(db);
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

function policy(text: string, version = 1, name = 'healthcare-default') {
  return { name, version, text, sha256Hex: createHash('sha256').update(text).digest('hex') };
}

describe('the policy repository', () => {
  it('a stored policy keeps its text byte for byte', async () => {
    const accountId = newId('account');
    const stored = policy('name: é 😀\r\n\t# \u0000 trailing  \n\n');
    assert.equal(await policies.insert(accountId, stored), 'stored');
    assert.deepEqual(await policies.find(accountId, stored.sha256Hex), stored);
  });

  it("a policy's version is stored once, however often it is inserted", async () => {
    const accountId = newId('account');
    const stored = policy('a: 1');
    const results = await Promise.all(Array.from({ length: 5 }, () => policies.insert(accountId, stored)));
    assert.deepEqual(results.sort(), ['found', 'found', 'found', 'found', 'stored']);
    assert.equal(
      (await policies.findVersion(accountId, 'healthcare-default', 1))?.sha256Hex,
      stored.sha256Hex,
    );
    assert.equal(await policies.findVersion(newId('account'), 'healthcare-default', 1), null);
    assert.equal(await policies.findVersion(accountId, 'healthcare-default', 2), null);
  });

  it('another text under a stored name and version is refused', async () => {
    const accountId = newId('account');
    await policies.insert(accountId, policy('a: 1'));
    const other = policy('a: 2');
    assert.equal(await policies.insert(accountId, other), 'conflict');
    assert.equal(await policies.find(accountId, other.sha256Hex), null);
    assert.equal(await policies.insert(accountId, policy('a: 2', 2)), 'stored');
  });

  for (const [field, value] of Object.entries({ text: 'a: 2', name: 'other', version: 9, account_id: 'x' })) {
    it(`a policy whose row has another ${field} is stored again as it was`, async () => {
      const accountId = newId('account');
      const stored = policy('a: 1');
      await policies.insert(accountId, stored);
      const rows = db.collection<{ _id: string }>('policies');
      const _id = `${accountId}/${stored.sha256Hex}`;
      const before = await rows.findOne({ _id });
      await rows.updateOne({ _id }, { $set: { [field]: value } });
      assert.equal(await policies.insert(accountId, stored), 'stored');
      assert.deepEqual(await rows.findOne({ _id }), before);
      assert.equal(await policies.insert(accountId, stored), 'found');
    });
  }

  it('a policy whose row was altered is not stored again where another has its name and version', async () => {
    const accountId = newId('account');
    const stored = policy('a: 1');
    await policies.insert(accountId, stored);
    const rows = db.collection<{ _id: string }>('policies');
    await rows.updateOne({ _id: `${accountId}/${stored.sha256Hex}` }, { $set: { version: 9 } });
    assert.equal(await policies.insert(accountId, policy('a: 2')), 'stored');
    assert.equal(await policies.insert(accountId, stored), 'conflict');
  });

  it('an account sees no policy of another, and both may store the same text', async () => {
    const [one, other] = [newId('account'), newId('account')];
    const stored = policy('a: 1');
    await policies.insert(one, stored);
    assert.equal(await policies.find(other, stored.sha256Hex), null);
    assert.equal(await policies.insert(other, stored), 'stored');
    assert.equal(await policies.insert(other, policy('a: 9', 1, 'other')), 'stored');
    assert.deepEqual(await policies.find(other, stored.sha256Hex), stored);
  });
});
