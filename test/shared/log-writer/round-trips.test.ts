// What the writers of a log ask of the database: which commands, and how much comes back.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BSON, MongoClient } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { EventDraft } from '../../../shared/log-writer/draft.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createLogWorld, createWriter, draftEvent, writeSession } from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { eventually } from '../../support/eventually.ts';

const world = await createLogWorld({ after });
const client = new MongoClient(world.database.uri, { monitorCommands: true });
after(() => client.close());
const writer = createWriter(client.db(world.database.name));

/** Reply bytes that one event may cost, however full its segment is. */
const FEW_BYTES = 8 * 1024;
/** Bytes of a full segment, packed. */
const PACKED_BYTES = 32 * 1024;
const ROW = 'find sessions';
const LOOK = 'find audit_segments';
const SWAP = 'update audit_segments';
const INSERT = 'insert audit_segments';
const RAISE = 'update sessions';

let commands: string[] = [];
/** Times at which a command was sent while none was under way. */
let roundTrips = 0;
let underWay = 0;
let replyBytes = 0;
client.on('commandStarted', ({ commandName, command }) => {
  commands.push(`${commandName} ${command[commandName]}`);
  if (underWay === 0) roundTrips += 1;
  underWay += 1;
});
client.on('commandFailed', () => {
  underWay -= 1;
});
client.on('commandSucceeded', ({ reply }) => {
  underWay -= 1;
  replyBytes += BSON.calculateObjectSize(reply as BSON.Document);
});

async function watch<T>(
  work: () => Promise<T>,
): Promise<{ result: T; commands: string[]; roundTrips: number; replyBytes: number }> {
  commands = [];
  roundTrips = 0;
  replyBytes = 0;
  const result = await work();
  return { result, commands, roundTrips, replyBytes };
}

function append({ accountId, id }: Session, drafts: readonly EventDraft[], deps = writer) {
  return watch(() => appendEvents(deps, accountId, id, drafts));
}

/** The row and the log agree, and the log is verified. */
async function assertCounted(session: Session, size: number): Promise<void> {
  const { verdict, session: row } = await checkLog(world, session);
  assert.ok(verdict.status === 'verified' && verdict.size === size);
  assert.deepEqual([row.log.size, row.log.headHashHex], [size, verdict.headHashHex]);
  const { otherKinds: _, ...counts } = verdict.counts;
  assert.deepEqual(row.aggregate, { ...counts, throughSeq: size - 1 });
}

describe('the round trips of an append', () => {
  // Two commands are sent at once only over two connections that are open already.
  before(async () => {
    const session = await writeSession(world, 0, { seal: false });
    await append(session, [draftEvent(0)]);
  });

  for (const size of [0, 1, 254, 257, 300, 513])
    it(`an append of one event after ${size} entries takes three round trips, with few bytes back`, async () => {
      const session = await writeSession(world, size, { seal: false });
      const { result, ...asked } = await append(session, [draftEvent(size)]);
      assert.equal(result.status, 'appended');
      assert.deepEqual(asked.commands, [ROW, LOOK, size === 0 ? INSERT : SWAP, RAISE]);
      assert.equal(asked.roundTrips, 3);
      assert.ok(asked.replyBytes < FEW_BYTES, `${asked.replyBytes} bytes`);
      await assertCounted(session, size + 1);
    });

  for (const size of [256, 512])
    it(`an append that begins a segment, after ${size} entries, takes one round trip more, for the packed one before it`, async () => {
      const session = await writeSession(world, size, { seal: false });
      const asked = await append(session, [draftEvent(size)]);
      assert.deepEqual(asked.commands, [ROW, LOOK, LOOK, INSERT, RAISE]);
      // The packed one may be asked for while the row is under way.
      assert.ok(asked.roundTrips <= 4);
      assert.ok(asked.replyBytes < PACKED_BYTES, `${asked.replyBytes} bytes`);
      await assertCounted(session, size + 1);
    });

  for (const size of [255, 767])
    it(`an append that fills a segment, after ${size} entries, takes one round trip more, for what it packs`, async () => {
      const session = await writeSession(world, size, { seal: false });
      const asked = await append(session, [draftEvent(size)]);
      assert.deepEqual(asked.commands, [ROW, LOOK, LOOK, SWAP, RAISE]);
      assert.equal(asked.roundTrips, 4);
      await assertCounted(session, size + 1);
    });

  it('an append to a log of more than three segments takes one round trip more, to find its tail by its row', async () => {
    const session = await writeSession(world, 1300, { seal: false });
    const asked = await append(session, [draftEvent(1300)]);
    assert.deepEqual(asked.commands, [ROW, LOOK, LOOK, SWAP, RAISE]);
    assert.equal(asked.roundTrips, 4);
    assert.ok(asked.replyBytes < FEW_BYTES, `${asked.replyBytes} bytes`);
    await assertCounted(session, 1301);
  });

  it('an append takes one round trip more where the tail read beside the row is older than the row', async () => {
    const session = await writeSession(world, 200, { seal: false });
    const audit: typeof writer.audit = {
      ...writer.audit,
      async findTailOfShort(...log) {
        const tail = await writer.audit.findTailOfShort(...log);
        await appendEvents(world, session.accountId, session.id, [draftEvent(7)]);
        return tail;
      },
    };
    const sessions: typeof writer.sessions = {
      ...writer.sessions,
      async findSnapshot(...log) {
        let row = await world.sessions.findSnapshot(...log);
        await eventually('the other writer has raised the row', async () => {
          row = await world.sessions.findSnapshot(...log);
          return row?.session.log.size !== 200;
        });
        return row;
      },
    };
    const asked = await append(session, [draftEvent(8)], { ...writer, audit, sessions });
    assert.equal(asked.result.status, 'appended');
    assert.deepEqual(asked.commands, [LOOK, LOOK, SWAP, RAISE]);
    await assertCounted(session, 202);
  });

  it("an append takes one round trip more where the caller gave the event's id, to see whether it is stored", async () => {
    const session = await writeSession(world, 250, { seal: false });
    const event = { ...draftEvent(250), event_id: newId('event') };
    assert.deepEqual((await append(session, [event])).commands, [ROW, LOOK, LOOK, SWAP, RAISE]);
    assert.deepEqual((await append(session, [event])).commands.slice(0, 3), [ROW, LOOK, LOOK]);
    await assertCounted(session, 251);
  });

  it('an append takes one round trip more for each further segment that the events reach into', async () => {
    const session = await writeSession(world, 250, { seal: false });
    const drafts = Array.from({ length: 300 }, (_, i) => draftEvent(i));
    const asked = await append(session, drafts);
    // The second look reads what the first swap packs.
    assert.deepEqual(asked.commands, [ROW, LOOK, LOOK, SWAP, INSERT, INSERT, RAISE]);
    await assertCounted(session, 550);
  });

  it('an append takes two round trips more after a writer that died before it raised the row, and reads only what that one wrote', async () => {
    const session = await writeSession(world, 250, { seal: false });
    const dying = {
      ...world,
      sessions: { ...world.sessions, raiseLog: () => Promise.reject(new Error('killed')) },
    };
    const late = [draftEvent(1), draftEvent(36), draftEvent(3)];
    await assert.rejects(appendEvents(dying, session.accountId, session.id, late), /killed/);
    const asked = await append(session, [draftEvent(4)]);
    assert.deepEqual(asked.commands, [ROW, LOOK, SWAP, ROW, LOOK, RAISE]);
    assert.ok(asked.replyBytes < FEW_BYTES, `${asked.replyBytes} bytes`);
    await assertCounted(session, 254);
  });

  it('an append that loses a race reads few bytes, too', async () => {
    const session = await writeSession(world, 240, { seal: false });
    let met = 0;
    const audit: typeof writer.audit = {
      ...writer.audit,
      async extendTail(...swap) {
        met += 1;
        if (met === 1) await appendEvents(world, session.accountId, session.id, [draftEvent(5)]);
        return writer.audit.extendTail(...swap);
      },
    };
    const asked = await append(session, [draftEvent(6)], { ...writer, audit });
    assert.deepEqual(asked.commands, [ROW, LOOK, SWAP, LOOK, SWAP, ROW, LOOK, RAISE]);
    assert.ok(asked.replyBytes < FEW_BYTES, `${asked.replyBytes} bytes`);
    await assertCounted(session, 242);
  });

  it('an append to a closed log takes two round trips', async () => {
    const session = await writeSession(world, 3);
    const { result, ...asked } = await append(session, [draftEvent(3)]);
    assert.deepEqual([result.status, asked.commands], ['closed', [ROW, LOOK, LOOK]]);
  });
});

describe('the round trips of a close', () => {
  it('a close takes seven round trips for a log of up to four segments: its tail, what it packs, a walk, the row', async () => {
    for (const [size, tail] of [
      [255, [LOOK, LOOK, SWAP]],
      [256, [LOOK, LOOK, INSERT]],
      [1000, [LOOK, LOOK, SWAP]],
    ] as const) {
      const session = await writeSession(world, size, { seal: false });
      const { accountId, id } = session;
      const facts = { endedAt: new Date(), status: 'ok' } as const;
      const asked = await watch(() => closeLog(writer, accountId, id, facts));
      assert.equal(asked.result.status, 'sealed');
      assert.deepEqual(asked.commands, [ROW, ...tail, LOOK, LOOK, RAISE]);
      await assertCounted(session, size);
    }
  });
});
