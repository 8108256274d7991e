import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { unknownKey } from '../../../shared/audit/verdict.ts';
import { createAccountFindings } from '../../../shared/sessions/account-findings.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time/durations.ts';
import { farDate } from '../../support/far-date.ts';
import { openSessionStore } from '../../support/session-store.ts';
import { buildSession } from '../../support/sessions.ts';

const { db, sessions } = await openSessionStore({ after, beforeEach });
const findings = createAccountFindings(db);
let tenant = newTenant();
beforeEach(() => {
  tenant = newTenant();
});
const now = new Date();
const WEEK = { since: new Date(now.getTime() - 7 * DAY_MS), until: now };
const FAULT = { status: 'failed', fault: 'altered', seq: 3, expected: null, calculated: null } as const;
const NONE = { count: 0, listed: 0, earliest: null };

function newTenant() {
  return { accountId: newId('account'), agentId: newId('agent'), cookie: '' };
}

const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);

async function add(startedAt: Date, { open = false, sealed = true } = {}): Promise<Session> {
  const session = buildSession(tenant, { startedAt, open });
  await sessions.insert(tenant.accountId, session, null);
  if (sealed) await edit(session.id, { $set: { 'log.seal': 'ab'.repeat(32) } });
  return session;
}

function edit(id: string, update: object) {
  return db.collection<{ _id: string }>('sessions').updateOne({ _id: id }, update);
}

describe('what is found of an account’s logs', () => {
  it('nothing is found of sealed logs without a mark, nor of open ones', async () => {
    await add(daysAgo(1));
    await add(daysAgo(1), { open: true, sealed: false });
    assert.deepEqual(await findings.count(tenant.accountId, WEEK), {
      failed: NONE,
      unverifiable: NONE,
      unsealed: NONE,
    });
    const none = { failed: [], unverifiable: [], unsealed: [] };
    assert.deepEqual(await findings.list(tenant.accountId, 5), none);
  });

  it('logs are counted by mark and by seal, in the range and of all time', async () => {
    const old = await add(daysAgo(40));
    const recent = await add(daysAgo(2), { sealed: false });
    const open = await add(daysAgo(1), { open: true, sealed: false });
    for (const { id } of [old, recent, open]) await sessions.markFailed(tenant.accountId, id, FAULT);
    await sessions.markUnverifiable(tenant.accountId, recent.id, unknownKey('k_lost'));
    assert.deepEqual(await findings.count(tenant.accountId, WEEK), {
      failed: { count: 3, listed: 1, earliest: old.startedAt },
      unverifiable: { count: 1, listed: 1, earliest: recent.startedAt },
      unsealed: { count: 1, listed: 1, earliest: recent.startedAt },
    });
    const { failed, unverifiable, unsealed } = await findings.list(tenant.accountId, 2);
    assert.deepEqual(
      unsealed.map(({ id }) => id),
      [recent.id],
    );
    assert.deepEqual(
      failed.map(({ id, marks }) => [id, marks.failed?.fault, marks.failed?.seq]),
      [
        [open.id, 'altered', 3],
        [recent.id, 'altered', 3],
      ],
    );
    assert.deepEqual(
      unverifiable.map(({ id, marks }) => [id, marks.unverifiable]),
      [[recent.id, unknownKey('k_lost')]],
    );
  });

  it('the earliest start is found, whatever starts other rows have', async () => {
    const { startedAt } = await add(daysAgo(40), { sealed: false });
    for (const started_at of [farDate(), farDate(-9e15), [daysAgo(9)], 'x', 5]) {
      const { id } = await add(daysAgo(1), { sealed: false });
      await edit(id, { $set: { started_at } });
    }
    const { unsealed } = await findings.count(tenant.accountId, WEEK);
    assert.deepEqual([unsealed.count, unsealed.earliest], [6, startedAt]);
  });

  it('a session is listed behind rows whose id no session has', async () => {
    const { id } = await add(daysAgo(1), { sealed: false });
    await sessions.markFailed(tenant.accountId, id, FAULT);
    const row = await db.collection<{ _id: string }>('sessions').findOne({ _id: id });
    const odd = ['!a', '!b', '!c'].map((_id) => ({ ...row, _id, started_at: now, external_key: _id }));
    await db.collection<{ _id: string }>('sessions').insertMany(odd);
    const { failed } = await findings.list(tenant.accountId, 1);
    assert.deepEqual(
      failed.map((session) => session.id),
      [id],
    );
  });

  it('the sessions of another account and of an import that has not finished are not found', async () => {
    const session = await add(daysAgo(1), { sealed: false });
    await sessions.markFailed(tenant.accountId, session.id, FAULT);
    assert.equal((await findings.count(newId('account'), WEEK)).failed.count, 0);
    assert.equal((await findings.list(newId('account'), 5)).failed.length, 0);
    assert.equal(await findings.findOldestChange(newId('account')), null);
    await edit(session.id, { $set: { importing: true } });
    assert.deepEqual((await findings.count(tenant.accountId, WEEK)).failed, NONE);
    assert.equal((await findings.list(tenant.accountId, 5)).failed.length, 0);
    assert.equal(await findings.findOldestChange(tenant.accountId), null);
  });

  it('the change that waits longest is the account’s own', async () => {
    assert.equal(await findings.findOldestChange(tenant.accountId), null);
    const [first, second] = [await add(daysAgo(2)), await add(daysAgo(1))];
    const at = new Date(now.getTime() - HOUR_MS);
    await edit(first.id, { $set: { changed_at: at } });
    await edit(second.id, { $set: { changed_at: new Date(at.getTime() - 1), stage: 'done' } });
    assert.deepEqual(await findings.findOldestChange(tenant.accountId), at);
  });
});
