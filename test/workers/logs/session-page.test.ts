import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readEntry } from '../../../shared/audit/entry.ts';
import { verdictName } from '../../../shared/audit/verdict.ts';
import { SEGMENTS } from '../../../shared/log-store/segment.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createReportPool, type ReportPool, type SessionPage } from '../../../workers/reports/pool.ts';
import { createLogWorld, type LogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { readTexts, replaceTexts, type SegmentRow } from '../../support/segments.ts';

let world: LogWorld;
let pool: ReportPool;
/** Written out in two batches. */
let large: Session;
const releases: (() => Promise<void>)[] = [];

before(async () => {
  world = await createLogWorld({ after: (release) => releases.push(release) });
  const config = {
    mongodbDb: world.database.name,
    auditKeys: [TEST_KEY],
    reportThreads: 2,
    reportQueueLimit: 4,
  };
  pool = await createReportPool({ mongodbUri: world.database.uri, config });
  releases.push(() => pool.close());
  large = await writeSession(world, 5000);
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

const FIELDS = ['event_id', 'pass', 'entity_kind', 'span', 'confidence', 'token_kind', 'kid'];

async function open({ accountId, id }: Session, signal = new AbortController().signal): Promise<SessionPage> {
  const page = await pool.openPage({ accountId, sessionId: id }, { signal, withPayloads: false });
  assert.ok(page);
  return page;
}

/** The redactions among the stored entries that can be read and are the session's, in stored order. */
async function expectedEvents(session: Session): Promise<object[]> {
  return (await readTexts(world.db, session))
    .filter((text) => typeof text === 'string' && readEntry(Buffer.from(text))?.sessionId === session.id)
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .filter(({ kind }) => kind === 'redaction')
    .map((entry) => Object.fromEntries(FIELDS.map((name) => [name, entry[name]])));
}

/** Reads a stream to its end, and holds it against the stored entries. */
async function assertStream(session: Session, name: string): Promise<void> {
  const { events: chunks, outcome } = await open(session);
  const bytes = Buffer.concat(await Array.fromAsync(chunks));
  const events = JSON.parse(`[${bytes}]`) as { entity_kind: string }[];
  assert.deepEqual(events, await expectedEvents(session));
  const { verdict, counts } = await outcome;
  const { redactionCount, redactionsByKind } = counts;
  assert.equal(redactionCount, events.length);
  for (const [kind, count] of redactionsByKind) {
    assert.equal(count, events.filter((event) => event.entity_kind === kind).length);
  }
  assert.equal(verdictName(verdict), name);
  assert.equal(pool.stats().waiting, 0);
}

describe('the events of a session', () => {
  for (const size of [0, 1, 36, 256, 257, 4096, 4097]) {
    it(`a session page streams the redactions of ${size} entries in order`, async () => {
      await assertStream(await writeSession(world, size), 'verified');
    });
  }

  it('a session page streams all events of a verified log whose segments are filled unevenly', async () => {
    const session = await writeSession(world, 700);
    const texts = await readTexts(world.db, session);
    const segments = world.db.collection<SegmentRow>(SEGMENTS);
    const cuts = [0, 100, 100, 101, 600, 700];
    for (const [index, begin] of cuts.slice(0, -1).entries()) {
      const _id = `${session.accountId}/${session.id}/${index}`;
      await segments.deleteOne({ _id });
      const entries = texts.slice(begin, cuts[index + 1]);
      await segments.insertOne({ _id, entries, count: 0, head_hash: '', closed: true });
    }
    await assertStream(session, 'verified');
  });

  it('a session page streams the events of the walked entries while the log is open', async () => {
    await assertStream(await writeSession(world, 300, { seal: false }), 'verified');
  });

  it('a session page streams the events of the readable entries where the log failed', async () => {
    const other = await readTexts(world.db, await writeSession(world, 3));
    const damages: [name: string, damage: (texts: string[]) => string[]][] = [
      ['altered', (texts) => texts.with(300, (texts[300] as string).replace('MSKV1', 'MSKV2'))],
      ['malformed', (texts) => texts.with(300, '{').with(301, '')],
      ['foreign', (texts) => texts.with(5, other[1] as string)],
      ['duplicate', (texts) => texts.toSpliced(10, 0, texts[9] as string)],
      ['gap', (texts) => texts.toSpliced(100, 200)],
      ['truncated', (texts) => texts.slice(0, 256)],
    ];
    for (const [name, damage] of damages) {
      const session = await writeSession(world, 600);
      await replaceTexts(world.db, session, damage(await readTexts(world.db, session)));
      await assertStream(session, name);
    }
  });

  it('a session page streams the events of the segments left where the log lost one', async () => {
    const session = await writeSession(world, 600);
    const _id = `${session.accountId}/${session.id}/1`;
    await world.db.collection<SegmentRow>(SEGMENTS).deleteOne({ _id });
    await assertStream(session, 'gap');
  });
});

describe('a stream of events that is read slowly', () => {
  it('a stream that is read slowly holds no place between two chunks', async () => {
    const iterator = (await open(large)).events[Symbol.asyncIterator]();
    await iterator.next();
    assert.deepEqual(pool.stats(), { threads: 2, running: 0, waiting: 0 });
    assert.ok(((await iterator.next()).value as Uint8Array).length > 0);
    await iterator.return?.();
  });
});

describe('a stream of events that is dropped', () => {
  async function assertGone({ outcome }: SessionPage): Promise<void> {
    await assert.rejects(outcome, { code: 'report_generation_failed' });
    await eventually('no thread has anything to do', () => pool.stats().running === 0);
    assert.deepEqual(pool.stats(), { threads: 2, running: 0, waiting: 0 });
    await assertStream(await writeSession(world, 3), 'verified');
  }

  it('a stream that is dropped half-way frees its place', async () => {
    for (let round = 0; round < 5; round += 1) {
      const page = await open(large);
      for await (const chunk of page.events) {
        assert.ok(chunk.length > 0);
        break;
      }
      await assertGone(page);
    }
  });

  it('a stream that is dropped before the first chunk frees its place', async () => {
    for (let round = 0; round < 5; round += 1) {
      const page = await open(large);
      await page.events[Symbol.asyncIterator]().return?.();
      await assertGone(page);
    }
  });

  it('a stream that is dropped while the first chunk is made frees its place', async () => {
    const page = await open(large);
    const iterator = page.events[Symbol.asyncIterator]();
    const first = iterator.next().catch((error: unknown) => error);
    await iterator.return?.();
    await first;
    await assertGone(page);
  });

  it("a stream that is aborted rejects with the signal's reason", async () => {
    const reason = new Error('the caller hung up');
    const controller = new AbortController();
    const page = await open(large, controller.signal);
    const iterator = page.events[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort(reason);
    await assert.rejects(
      Promise.resolve(iterator.next()).then(() => iterator.next()),
      reason,
    );
    await assert.rejects(page.outcome, reason);
    assert.equal(pool.stats().waiting, 0);
  });
});

describe('the verdict on a log that fails early', () => {
  it('the verdict on a log that fails early is known before the last events are read', async () => {
    const session = await writeSession(world, 5000);
    const texts = await readTexts(world.db, session);
    await replaceTexts(world.db, session, texts.with(3, '{'));
    const page = await open(session);
    const iterator = page.events[Symbol.asyncIterator]();
    await iterator.next();
    const second = iterator.next();
    assert.equal(verdictName(await page.verdict), 'malformed');
    await second;
    await iterator.return?.();
    await assert.rejects(page.outcome, { code: 'report_generation_failed' });
  });
});
