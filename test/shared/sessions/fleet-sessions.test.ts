import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Collection, Long } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import type { LogRef } from '../../../shared/audit/log-record.ts';
import { createFleetSessions, type FleetSessions } from '../../../shared/sessions/fleet-sessions.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createSessionGauges, type SessionGauges } from '../../../shared/sessions/session-gauges.ts';
import {
  createSessionRepository,
  type SessionRepository,
} from '../../../shared/sessions/session-repository.ts';
import { SESSIONS, type StoredSession } from '../../../shared/sessions/session-row.ts';
import { farDate } from '../../support/far-date.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import { buildSession, type SessionTraits } from '../../support/sessions.ts';
import { withDamage, withoutKey } from '../../support/unverifiable-mark.ts';

let fleet: FleetSessions;
let gauges: SessionGauges;
let sessions: SessionRepository;
let rows: Collection<StoredSession>;
const releases: (() => Promise<void>)[] = [];

before(async () => {
  const { db } = await openTestDatabase({ after: (release) => releases.push(release) });
  fleet = createFleetSessions(db);
  gauges = createSessionGauges(db);
  sessions = createSessionRepository(db);
  rows = db.collection(SESSIONS);
});
beforeEach(async () => {
  await rows.deleteMany({});
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

const NOON = new Date('2026-05-02T12:00:00.000Z');
const at = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

/** A session of an account of its own, with fields of its row set to something else. */
async function add(traits: SessionTraits = {}, fields: Partial<StoredSession> = {}): Promise<Session> {
  const owner = { accountId: newId('account'), agentId: newId('agent'), cookie: '' };
  const session = buildSession(owner, { startedAt: NOON, ...traits });
  await sessions.insert(owner.accountId, session, null);
  if (Object.keys(fields).length > 0) await rows.updateOne({ _id: session.id }, { $set: fields });
  return session;
}

const idsOf = (refs: readonly LogRef[]) => refs.map(({ sessionId }) => sessionId);
const sorted = (...added: Session[]) => added.map(({ id }) => id).sort();

describe("the operator's view", () => {
  it('the fleet lists the sessions of all accounts by ascending id, each once', async () => {
    const added = [await add(), await add(), await add({ open: true })];
    const found: LogRef[] = [];
    for (let page = await fleet.listSelected({}, null, 2); page.length > 0; ) {
      found.push(...page);
      page = await fleet.listSelected({}, page.at(-1)?.sessionId ?? null, 2);
    }
    const ids = idsOf(found);
    assert.deepEqual(ids, [...new Set(ids)].sort());
    for (const { id, accountId } of added)
      assert.equal(found.find(({ sessionId }) => sessionId === id)?.accountId, accountId);
  });

  it('the fleet selects by account, agent, start, end and root, together too, and counts the selected sessions', async () => {
    const early = await add({ startedAt: at(-5) });
    const open = await add({ open: true });
    const rooted = await add({}, { merkle_root_hex: 'ab'.repeat(32) });
    const all = [early, open, rooted];
    for (const [selection, expected] of [
      [{}, all],
      [{ accountId: open.accountId }, [open]],
      [{ agentId: early.agentId }, [early]],
      [{ since: NOON }, [open, rooted]],
      [{ until: NOON }, [early]],
      [{ since: at(-5), until: NOON }, [early]],
      [{ ended: true }, [early, rooted]],
      [{ withoutRoot: true }, [early, open]],
      [{ ended: true, withoutRoot: true }, [early]],
      [{ accountId: open.accountId, ended: true }, []],
    ] as const) {
      assert.deepEqual(idsOf(await fleet.listSelected(selection, null, 10)), sorted(...expected));
      assert.equal(await fleet.countSelected(selection), expected.length);
    }
  });

  it('the fleet gives the owner of a session id', async () => {
    const { id, accountId } = await add();
    assert.equal(await fleet.findOwner(id), accountId);
    assert.equal(await fleet.findOwner(newId('session')), null);
  });
});

describe("the pipeline's view", () => {
  it('the fleet lists due sessions, and whether counts or only the hour is due', async () => {
    const due = await add();
    const counted = await add({}, { stage: 'counted' });
    await add({}, { stage: 'done' });
    const found = await fleet.listDue(null, 10);
    assert.deepEqual(idsOf(found), sorted(due, counted));
    assert.deepEqual(
      found.find(({ needs }) => needs === 'hour'),
      {
        accountId: counted.accountId,
        sessionId: counted.id,
        agentId: counted.agentId,
        startedAt: NOON,
        needs: 'hour',
      },
    );
    assert.deepEqual(idsOf(await fleet.listDue(sorted(due, counted)[0]!, 10)), sorted(due, counted).slice(1));
  });

  it('the fleet lists open sessions without a mark', async () => {
    const open = await add({ open: true }, { stage: 'done' });
    await add({ open: true }, { log_failed: { fault: 'gap', seq: 1, found_at: NOON } });
    await add({ open: true }, withoutKey('k_lost'));
    await add({ open: true }, withDamage('policy_version'));
    await add();
    assert.deepEqual(idsOf(await fleet.listOpen(null, 10)), [open.id]);
    assert.deepEqual(await fleet.listOpen(open.id, 10), []);
  });

  it('the fleet lists ended sessions from an id on', async () => {
    const ended = [await add(), await add(), await add()];
    await add({ open: true });
    const ids = sorted(...ended);
    assert.deepEqual(idsOf(await fleet.listEndedFrom('', 2)), ids.slice(0, 2));
    assert.deepEqual(idsOf(await fleet.listEndedFrom(ids[1]!, 10)), ids.slice(1));
  });

  it('rows that no queue can take end no page: odd ids are passed over, a row without an hour is counted', async () => {
    const session = await add();
    const { _id, ...row } = (await rows.findOne({ _id: session.id })) as StoredSession;
    // A colon is in no id of a job; a number is in no text's order.
    const odd = ['a:b', 'sess_', '', 5 as never, { a: 1 } as never];
    await rows.insertMany(odd.map((odd) => ({ ...row, _id: odd, stage: 'counted' as const })));
    assert.deepEqual(idsOf(await fleet.listDue(null, 10)), [session.id]);
    assert.deepEqual(idsOf(await fleet.listEndedFrom('', 10)), [session.id]);
    assert.deepEqual(idsOf(await fleet.listSelected({}, null, 10)), [session.id]);
    for (const fields of [{ started_at: '2026' }, { started_at: [NOON] }, { agent_id: 'a:b' }]) {
      await rows.updateOne({ _id: session.id }, { $set: { stage: 'counted', ...(fields as object) } });
      assert.deepEqual(
        (await fleet.listDue(null, 10)).map(({ needs }) => needs),
        ['counts'],
      );
      await rows.updateOne({ _id: session.id }, { $set: row });
    }
    const misnamed = [];
    for await (const { id } of fleet.listMisnamed()) misnamed.push(id);
    assert.deepEqual(misnamed.map(String).sort(), odd.map(String).sort());
  });

  it('the fleet makes only sessions due again whose key is configured now', async () => {
    const keyOf = async ({ id }: Session) => (await rows.findOne({ _id: id }))?.log_unverifiable;
    const missing = { ...withoutKey('k_test'), stage: 'done' } as const;
    const [came, other] = [await add({}, missing), await add({}, { ...missing, ...withoutKey('k_lost') })];
    assert.equal(await fleet.retryUnverifiable([]), 0);
    assert.equal(await fleet.retryUnverifiable([{ id: 'k_test', check: 'f'.repeat(16) }]), 0);
    assert.equal(await fleet.retryUnverifiable([{ id: 'k_test', check: '0'.repeat(16) }]), 1);
    assert.deepEqual(
      [await keyOf(came), await keyOf(other)],
      [undefined, withoutKey('k_lost').log_unverifiable],
    );
    assert.deepEqual(idsOf(await fleet.listDue(null, 10)), [came.id]);
  });

  it('the fleet makes sessions due again beside rows whose count of changes is none', async () => {
    const missing = { ...withoutKey('k_test'), stage: 'done' } as const;
    for (const changes of ['x', null, [1], Long.MAX_VALUE, { a: 1 }])
      await add({}, { ...missing, changes } as never);
    const { id } = await add({}, missing);
    assert.equal(await fleet.retryUnverifiable([{ id: 'k_test', check: '0'.repeat(16) }]), 1);
    assert.deepEqual(idsOf(await fleet.listDue(null, 10)), [id]);
  });

  it('the fleet lists no session whose import has not finished', async () => {
    const { id } = await add({}, { importing: true });
    assert.equal(await fleet.findOwner(id), null);
    assert.deepEqual(await fleet.listSelected({}, null, 10), []);
    assert.equal(await fleet.countSelected({}), 0);
    assert.deepEqual(await fleet.listDue(null, 10), []);
    assert.deepEqual(await fleet.listEndedFrom('', 10), []);
  });
});

describe('the gauges', () => {
  it('the fleet gives the time of the change that has waited longest', async () => {
    assert.equal(await gauges.findOldestChange(), null);
    await add({}, { changed_at: at(-9), stage: 'done' });
    await add({}, { changed_at: at(-8), importing: true });
    assert.equal(await gauges.findOldestChange(), null);
    await add({}, { changed_at: at(-3) });
    await add({}, { changed_at: at(-5), stage: 'counted' });
    assert.deepEqual(await gauges.findOldestChange(), at(-5));
  });

  it('the change and the walk of the longest ago are found, whatever times other rows have', async () => {
    await add({}, { changed_at: at(-5), walked_at: at(-3) });
    for (const odd of [farDate(), farDate(-9e15), [at(-9)], 'x', 5] as Date[])
      for (const stage of [undefined, 'counted'] as const) {
        const changed = { changed_at: odd, ...(stage && { stage }) };
        await add({}, { ...changed, walked_at: odd });
        await add({}, { ...changed, ended_at: odd });
      }
    assert.deepEqual(await gauges.findOldestChange(), at(-5));
    assert.deepEqual(await gauges.findOldestWalk(), at(-3));
  });

  it('the fleet counts the marked sessions of all accounts', async () => {
    const failed = { log_failed: { fault: 'gap', seq: 1, found_at: NOON } };
    await add();
    await add({}, failed);
    await add({}, failed);
    await add({}, withoutKey('k_lost'));
    await add({}, withDamage('policy_version'));
    assert.deepEqual(await gauges.countLogs(), { failed: 2, unverifiable: 2, unsealed: 5 });
    await add({}, { 'log.seal': 'ab'.repeat(32) } as object);
    await add({ open: true });
    await add({}, { importing: true });
    assert.equal((await gauges.countLogs()).unsealed, 5);
  });
});
