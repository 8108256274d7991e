import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { type AppendResult, appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { EventDraft } from '../../../shared/log-writer/draft.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import {
  createLogWorld,
  draftEvent,
  startSession,
  TEST_KEY,
  writeSession,
} from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { damageRow, damageSegment } from '../../support/damage-rows.ts';
import { draftsWithIds, idsOf } from '../../support/draft-events.ts';
import { IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';
import { readTexts } from '../../support/segments.ts';

const world = await createLogWorld({ after });

function append({ accountId, id }: Session, drafts: readonly EventDraft[]): Promise<AppendResult> {
  return appendEvents(world, accountId, id, drafts);
}

describe('appending', () => {
  it('an append stores events in order, across segments, and raises the row', async () => {
    for (const size of [1, 255, 256, 257, 511, 512, 513, 1100]) {
      const session = await startSession(world);
      const drafts = draftsWithIds(size);
      const result = await append(session, drafts);
      const { entries, verdict, session: row } = await checkLog(world, session);
      const { headHashHex } = row.log;
      assert.deepEqual(result, {
        status: 'appended',
        eventIds: idsOf(drafts),
        alreadyThere: 0,
        size,
        headHashHex,
      });
      assert.deepEqual(
        entries.map(({ event_id }) => event_id),
        idsOf(drafts),
      );
      assert.ok(verdict.status === 'verified' && verdict.size === size && verdict.state === 'open');
      assert.deepEqual([row.log.size, row.log.headHashHex], [size, verdict.headHashHex]);
      assert.deepEqual(
        [row.aggregate.throughSeq, row.aggregate.redactionCount, row.aggregate.rehydrationFailureCount],
        [size - 1, verdict.counts.redactionCount, verdict.counts.rehydrationFailureCount],
      );
      assert.deepEqual(row.aggregate.redactionsByKind, verdict.counts.redactionsByKind);
      assert.deepEqual(row.aggregate.redactionsByPass, verdict.counts.redactionsByPass);
    }
  });

  it('an append continues after the last entry, over a full segment too', async () => {
    const session = await startSession(world);
    const steps = [1, 254, 1, 0, 1, 255, 300, 1];
    let size = 0;
    for (const step of steps) {
      assert.equal((await append(session, draftsWithIds(step, size))).status, 'appended');
      size += step;
      const { verdict, session: row } = await checkLog(world, session);
      assert.ok(verdict.status === 'verified' && verdict.size === size, `after ${size}`);
      assert.equal(row.log.size, size);
    }
  });

  it('an append keeps any name and any member as data', async () => {
    const session = await startSession(world);
    const odd = {
      kind: 'redaction',
      pass: '__proto__',
      entity_kind: 'constructor',
      span: [0, 0],
      confidence: 1,
    };
    const token = { token_kind: '$gt', kid: 'a.b' };
    const nested = new Map([
      ['prev_hash', 'x'],
      ['__proto__', 'y'],
    ]);
    const result = await append(session, [
      { ...odd, ...token, nested, seq: 7, prev_hash: 'no', this_hash: 'no' },
    ]);
    assert.equal(result.status, 'appended');
    const { verdict } = await checkLog(world, session);
    assert.ok(verdict.status === 'verified');
    assert.deepEqual(verdict.counts.redactionsByKind, [['constructor', 1]]);
    assert.deepEqual(verdict.counts.redactionsByPass, [['__proto__', 1]]);
  });

  it('an append refuses an event that makes no valid entry, and stores nothing', async () => {
    const session = await startSession(world);
    const invalid: EventDraft[] = [
      { kind: 'redaction' },
      { ...draftEvent(0), span: [3, 1] },
      { ...draftEvent(0), entity_kind: 'x'.repeat(129) },
      { ...draftEvent(0), kid: 'x'.repeat(33_000) },
      { ...draftEvent(0), kid: 'x'.repeat(32_500) },
      { ...draftEvent(0), kid: '\ud800' },
      { ...draftEvent(0), confidence: Number.NaN },
      { ...draftEvent(0), ts: 'now' },
      { ...draftEvent(0), event_id: 'evt_1' },
    ];
    for (const event of invalid) await assert.rejects(append(session, [event]));
    assert.deepEqual(await readTexts(world.db, session), []);
  });

  it('an append refuses an event of a time that no calendar has, and names the field at fault', async () => {
    const session = await startSession(world);
    for (const ts of Object.values(IMPOSSIBLE_TIMES).flat()) {
      await assert.rejects(append(session, [{ ...draftEvent(0), ts }]), /: ts must be a time that/, ts);
    }
    await assert.rejects(append(session, [{ ...draftEvent(0), span: [3, 1] }]), /: span is missing or ill/);
    assert.deepEqual(await readTexts(world.db, session), []);
  });

  it('an append finds no session of another account', async () => {
    const session = await startSession(world);
    assert.deepEqual(await appendEvents(world, newId('account'), session.id, draftsWithIds(1)), {
      status: 'no_session',
    });
    assert.deepEqual(await readTexts(world.db, session), []);
  });

  it('an append says which key is missing', async () => {
    const session = await startSession(world);
    await damageRow(world.db, session, { 'log.key_id': 'k_lost' });
    assert.deepEqual(await append(session, draftsWithIds(1)), {
      status: 'unverifiable',
      reason: 'unknown_key',
      keyId: 'k_lost',
    });
  });

  it('neither an append nor a close uses a key that is not the account’s', async () => {
    const session = await startSession(world);
    const scope = { accountIds: [newId('account')], notBefore: null, notAfter: null };
    const keyring = createKeyring([{ ...TEST_KEY, scope }]);
    const refused = { status: 'failed', fault: 'key_out_of_scope', seq: 0, expected: null, calculated: null };
    const { accountId, id } = session;
    assert.deepEqual(await appendEvents({ ...world, keyring }, accountId, id, draftsWithIds(1)), refused);
    const facts = { endedAt: new Date(), status: 'ok' } as const;
    assert.deepEqual(await closeLog({ ...world, keyring }, accountId, id, facts), refused);
    assert.deepEqual(await readTexts(world.db, session), []);
    assert.equal((await world.sessions.find(accountId, id))?.log.seal, null);
  });

  it('an append says that a log is closed, whether or not its segments still do', async () => {
    for (const size of [0, 3, 256]) {
      const session = await writeSession(world, size);
      assert.deepEqual(await append(session, draftsWithIds(1)), { status: 'closed', eventIds: [] });
      await damageSegment(world.db, session, size === 256 ? 1 : 0, { closed: false });
      assert.deepEqual(await append(session, draftsWithIds(1)), { status: 'closed', eventIds: [] });
      assert.equal((await checkLog(world, session)).entries.length, size);
    }
  });

  it('an append counts the entries of a writer that died before it raised the row', async () => {
    const session = await startSession(world);
    const noRow = {
      ...world,
      sessions: { ...world.sessions, raiseLog: () => Promise.reject(new Error('killed')) },
    };
    await assert.rejects(appendEvents(noRow, session.accountId, session.id, draftsWithIds(300)), /killed/);
    assert.equal((await checkLog(world, session)).session.log.size, 0);
    await append(session, draftsWithIds(1, 300));
    const { session: row, verdict } = await checkLog(world, session);
    assert.ok(verdict.status === 'verified');
    assert.deepEqual([row.log.size, row.aggregate.throughSeq], [301, 300]);
    assert.deepEqual(row.aggregate.redactionsByKind, verdict.counts.redactionsByKind);
  });
});
