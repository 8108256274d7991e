// Events that come a second time, under ids of their writer.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { newId } from '../../../shared/audit/ids.ts';
import { failed } from '../../../shared/audit/verdict.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { EventDraft } from '../../../shared/log-writer/draft.ts';
import { EventPlaces, keepPlaces } from '../../../shared/log-writer/event-places.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createLogWorld, draftEvent, startSession } from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { draftsWithIds, idsOf } from '../../support/draft-events.ts';
import { readTexts, segmentsOf } from '../../support/segments.ts';

const world = await createLogWorld({ after });

for (const [name, places] of [
  ['by a process that keeps places', keepPlaces()],
  ['by a process that keeps none', undefined],
] as const) {
  const deps = { ...world, ...(places && { places }) };
  const append = ({ accountId, id }: Session, drafts: readonly EventDraft[]) =>
    appendEvents(deps, accountId, id, drafts);

  describe(`events again, ${name}`, () => {
    it('each goes in once, wherever in the log it stands, and the rest of its batch is appended', async () => {
      const session = await startSession(world);
      const drafts = draftsWithIds(600);
      await append(session, drafts.slice(0, 300));
      // Another writer's, in between.
      await appendEvents(world, session.accountId, session.id, [draftEvent(7)]);
      await append(session, drafts.slice(300, 500));
      const result = await append(session, [...drafts.slice(590), ...drafts.slice(0, 590)]);
      assert.ok(result.status === 'appended');
      assert.deepEqual([result.alreadyThere, result.size], [500, 601]);
      const { entries, verdict, session: row } = await checkLog(world, session);
      assert.ok(verdict.status === 'verified' && verdict.size === 601);
      assert.deepEqual([row.log.size, row.aggregate.throughSeq], [601, 600]);
      const ids = entries.map(({ event_id }) => event_id);
      assert.deepEqual(
        ids.filter((id) => idsOf(drafts).includes(id as string)),
        [...idsOf(drafts.slice(0, 500)), ...idsOf(drafts.slice(590)), ...idsOf(drafts.slice(500, 590))],
      );
    });

    it('an id with other content is a conflict, and nothing of its batch goes in', async () => {
      const session = await startSession(world);
      const [first, second, third] = draftsWithIds(3) as [EventDraft, EventDraft, EventDraft];
      await append(session, [first, second]);
      const changed: EventDraft[] = [
        { ...second, confidence: 0.123 },
        { ...second, ts: '2026-05-02T18:46:30.999Z' },
        { ...second, note: 'more' },
      ];
      for (const other of changed) {
        assert.deepEqual(await append(session, [third, first, other]), { status: 'conflict', position: 2 });
      }
      assert.equal((await checkLog(world, session)).entries.length, 2);
      // The order of members is no content.
      const turned = Object.fromEntries(Object.entries(second).reverse()) as EventDraft;
      const again = await append(session, [turned]);
      assert.ok(again.status === 'appended' && again.alreadyThere === 1);
    });

    it('an id that a member holds is no event', async () => {
      const session = await startSession(world);
      const [inner, outer] = [newId('event'), newId('event')];
      const nested = new Map([['event_id', inner]]);
      const draft = { ...draftEvent(0), a: nested, event_id: outer } as EventDraft;
      await append(session, [draft]);
      const result = await append(session, [{ ...draftEvent(1), event_id: inner }, draft]);
      assert.ok(result.status === 'appended');
      assert.deepEqual([result.alreadyThere, result.size], [1, 2]);
    });

    it('events that are in a closed log are so, others are refused', async () => {
      const session = await startSession(world);
      const drafts = draftsWithIds(3);
      await append(session, drafts.slice(0, 2));
      await closeLog(world, session.accountId, session.id, { endedAt: new Date(), status: 'ok' });
      const again = await append(session, drafts.slice(0, 2));
      assert.ok(again.status === 'appended' && again.alreadyThere === 2 && again.size === 2);
      assert.deepEqual(await append(session, drafts), {
        status: 'closed',
        eventIds: idsOf(drafts.slice(0, 2)),
      });
    });

    it('batches of many writers that overlap go in once', async () => {
      const session = await startSession(world);
      const drafts = draftsWithIds(700);
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, i) => append(session, drafts.slice(i * 50, i * 50 + 350))),
      );
      assert.ok(results.every(({ status }) => status === 'appended'));
      const { entries, verdict } = await checkLog(world, session);
      assert.ok(verdict.status === 'verified' && verdict.size === 700);
      assert.deepEqual(entries.map(({ event_id }) => event_id).sort(), [...idsOf(drafts)].sort());
    });

    it('a log that lacks a segment before its end has failed', async () => {
      const session = await startSession(world);
      const drafts = draftsWithIds(600);
      await appendEvents(world, session.accountId, session.id, drafts);
      await segmentsOf(world.db).deleteOne({ _id: `${session.accountId}/${session.id}/0` });
      const result = await append(session, draftsWithIds(1, 600));
      assert.ok(result.status === 'failed' && result.fault === 'gap' && result.seq === 0);
    });
  });
}

it('a log that lacks what its process has acknowledged takes no more, and is not ended, until another process reads it', async () => {
  const session = await startSession(world);
  const deps = { ...world, places: keepPlaces() };
  const drafts = draftsWithIds(20);
  const { accountId, id } = session;
  await appendEvents(deps, accountId, id, drafts.slice(0, 5));
  const [older] = await segmentsOf(world.db)
    .find({ _id: `${accountId}/${id}/0` })
    .toArray();
  await appendEvents(deps, accountId, id, drafts.slice(5, 15));
  await segmentsOf(world.db).replaceOne({ _id: `${accountId}/${id}/0` }, older!);
  await world.db.collection('sessions').updateOne({ _id: id as never }, { $set: { 'log.size': 5 } });
  await appendEvents(world, accountId, id, drafts.slice(15, 18));
  const truncated = failed('truncated', 8, '15', '8');
  for (const some of [drafts, drafts.slice(3, 4), drafts.slice(18)])
    assert.deepEqual(await appendEvents(deps, accountId, id, some), truncated);
  const end = { endedAt: new Date(), status: 'ok' } as const;
  assert.deepEqual(await closeLog(deps, accountId, id, end), truncated);
  assert.equal((await readTexts(world.db, session)).length, 8, 'nothing was written');
  const result = await appendEvents({ ...deps, places: keepPlaces() }, accountId, id, drafts);
  assert.ok(result.status === 'appended');
  assert.deepEqual([result.alreadyThere, result.size], [8, 20]);
  assert.equal((await checkLog(world, session)).verdict.status, 'verified');
});

it('the place of an event takes some hundred bytes, whatever its entry is long', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const count = 50_000;
  const before = held();
  const places = new EventPlaces();
  for (let begin = 0; begin < count; begin += 100) {
    const texts = Array.from({ length: 100 }, () =>
      JSON.stringify({ event_id: newId('event'), reason: 'x'.repeat(1_000) }),
    );
    places.add(
      begin,
      texts.map((text) => Buffer.from(text).toString()),
    );
  }
  const each = (held() - before) / count;
  assert.equal(places.count, count);
  assert.ok(each < 400, `${each.toFixed(0)} bytes`);
});

it('places are forgotten for the logs that were used longest ago', async () => {
  const keep = keepPlaces();
  const first = keep('acc', 'first');
  assert.equal(keep('acc', 'first'), first);
  for (let i = 0; i < 1_999; i += 1) keep('acc', `other ${i}`);
  assert.equal(keep('acc', 'first'), first);
  for (let i = 0; i < 2_000; i += 1) keep('acc', `more ${i}`);
  assert.notEqual(keep('acc', 'first'), first);
});
