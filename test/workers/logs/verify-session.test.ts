import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { newId } from '../../../shared/audit/ids.ts';
import type { Anchor } from '../../../shared/audit/log-record.ts';
import { type LogVerdict, verdictName } from '../../../shared/audit/verdict.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createVerifyDeps, verifyHere } from '../../../workers/logs/verify-session.ts';
import { createReportPool, type ReportPool } from '../../../workers/reports/pool.ts';
import { createLogWorld, eventOf, type LogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { DAMAGES, PLACES, parse, SIZE, sign } from '../../support/log-damages.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import { editSegment, FORMS, readTexts, replaceTexts, segmentsOf } from '../../support/segments.ts';
import { verifyAs, verifyStored } from '../../support/verify.ts';

let world: LogWorld;
let pool: ReportPool;
const releases: (() => Promise<void>)[] = [];

before(async () => {
  world = await createLogWorld({ after: (release) => releases.push(release) });
  pool = await createReportPool({
    mongodbUri: world.database.uri,
    config: poolConfig(world.database.name, [TEST_KEY]),
  });
  releases.push(() => pool.close());
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

function poolConfig(mongodbDb: string, auditKeys: (typeof TEST_KEY)[]) {
  return { mongodbDb, auditKeys, reportThreads: 2, reportQueueLimit: 64 };
}

/** The verdict with this row, in this thread; on the threads too, where the row is the one that is stored. */
async function walk(session: Session, ...reported: readonly Omit<Anchor, 'source'>[]): Promise<LogVerdict> {
  const verdict = await verifyAs(world, session, ...reported);
  if (reported.length === 0 && isDeepStrictEqual(session, await reload(session))) {
    assert.deepEqual((await verifyStored(pool, session)).verdict, verdict);
  }
  return verdict;
}

async function reload({ accountId, id }: Session): Promise<Session> {
  return (await world.sessions.find(accountId, id)) as Session;
}

describe('a log whose key is bound to another account, or was not in force', () => {
  const outOfScope = {
    status: 'failed',
    fault: 'key_out_of_scope',
    seq: 0,
    expected: null,
    calculated: null,
  };

  it('is failed at its first entry, however long it is, on threads as in commands', async (t) => {
    const scope = { accountIds: [newId('account')], notBefore: null, notAfter: null };
    const bound = { ...TEST_KEY, scope };
    const scoped = await createReportPool({
      mongodbUri: world.database.uri,
      config: poolConfig(world.database.name, [bound]),
    });
    t.after(() => scoped.close());
    for (const size of [0, 3, SIZE]) {
      const session = await writeSession(world, size);
      assert.equal((await walk(session)).status, 'verified');
      assert.deepEqual((await verifyStored(scoped, session)).verdict, outOfScope);
    }
  });

  it('is failed where the session was moved under another account, its seal made by the key of the first', async () => {
    const session = await writeSession(world, 3);
    const scope = { accountIds: [session.accountId], notBefore: null, notAfter: null };
    const keyring = createKeyring([{ ...TEST_KEY, scope }]);
    assert.equal((await verifyAs({ ...world, keyring }, session)).status, 'verified');
    const moved = { ...session, accountId: newId('account') };
    assert.deepEqual(await verifyAs({ ...world, keyring }, moved), outOfScope);
  });
});

describe('a walk over a damaged log', () => {
  for (const [title, { fault, damage, places }] of Object.entries(DAMAGES)) {
    for (const place of places ?? (Object.keys(PLACES) as (keyof typeof PLACES)[])) {
      it(`names ${title} at the ${place} entry ${fault}, packed or not`, async () => {
        const session = await writeSession(world, SIZE);
        const at = PLACES[place];
        const damaged = damage(await readTexts(world.db, session), at);
        for (const form of FORMS) {
          await replaceTexts(world.db, session, damaged.texts, form);
          const verdict = await walk(session);
          assert.equal(verdictName(verdict), fault, form);
          assert.equal(verdict.status === 'failed' && verdict.seq, damaged.seq ?? at, form);
        }
      });
    }
  }

  it('names a segment that cannot be unpacked malformed at its first place, wherever it is', async () => {
    for (const index of [0, 1, 2]) {
      const damages: [what: string, update: (packed: Buffer) => object][] = [
        ['cut', (packed) => ({ $set: { packed: packed.subarray(0, -1) } })],
        ['longer', (packed) => ({ $set: { packed: Buffer.concat([packed, Buffer.of(0)]) } })],
        ['of an unknown codec', (packed) => ({ $set: { packed: Buffer.from(packed).fill(9, 0, 1) } })],
        ['in both forms', () => ({ $set: { entries: [] } })],
        ['of another type', (packed) => ({ $set: { packed: packed.toString('base64') } })],
      ];
      for (const [what, update] of damages) {
        const session = await writeSession(world, SIZE);
        const _id = `${session.accountId}/${session.id}/${index}`;
        const row = await segmentsOf(world.db).findOne({ _id }, { promoteBuffers: true });
        await segmentsOf(world.db).updateOne({ _id }, update(Buffer.from(row?.packed as Uint8Array)));
        const verdict = await walk(session);
        assert.deepEqual(
          [verdictName(verdict), verdict.status === 'failed' && verdict.seq],
          ['malformed', index * 256],
          `${what}, ${index}`,
        );
      }
    }
  });

  it('names an entry that breaks the link altered, with what was expected and found', async () => {
    const session = await writeSession(world, SIZE);
    const texts = await readTexts(world.db, session);
    const cut = parse(texts[300]!).set('prev_hash', 'ee'.repeat(32));
    await replaceTexts(world.db, session, texts.with(300, sign(cut)));
    const verdict = await walk(session);
    assert.deepEqual(verdict, {
      status: 'failed',
      fault: 'altered',
      seq: 300,
      expected: parse(texts[299]!).get('this_hash'),
      calculated: 'ee'.repeat(32),
      event: eventOf(texts[300]),
    });
  });

  it('never shows the right HMAC of an altered entry', async () => {
    const session = await writeSession(world, 10);
    const texts = await readTexts(world.db, session);
    const altered = sign(parse(texts[4]!).set('kid', 'K_FORGED'));
    const forged = parse(altered).get('this_hash') as string;
    await replaceTexts(
      world.db,
      session,
      texts.with(4, canonicalize(parse(altered).set('this_hash', '00'.repeat(32)))),
    );
    const verdict = await walk(session);
    assert.equal(verdictName(verdict), 'altered');
    assert.ok(!JSON.stringify(verdict).includes(forged));
  });

  // Wherever the batches begin and end that a walk reads.
  for (const index of [1, 2, 3, 4, 5]) {
    it(`names a log without its segment ${index} gap`, async () => {
      const session = await writeSession(world, 6 * 256 + 10);
      await world.db
        .collection<{ _id: string }>('audit_segments')
        .deleteOne({ _id: `${session.accountId}/${session.id}/${index}` });
      const verdict = await walk(session);
      assert.deepEqual(
        [verdictName(verdict), verdict.status === 'failed' && verdict.seq],
        ['gap', index * 256],
      );
    });
  }

  it('names entries past a closed head overlong', async () => {
    const session = await writeSession(world, 300, { seal: false });
    const sealed = await writeSession(world, 300);
    const longer = {
      ...sealed,
      log: {
        ...sealed.log,
        size: 200,
        headHashHex: parse((await readTexts(world.db, sealed))[199]!).get('this_hash') as string,
      },
    };
    assert.equal(verdictName(await walk(session)), 'verified');
    const verdict = await walk(longer);
    assert.deepEqual([verdictName(verdict), verdict.status === 'failed' && verdict.seq], ['overlong', 200]);
  });

  it('names a recorded head hash that does not match altered', async () => {
    const session = await writeSession(world, 300);
    const verdict = await walk({ ...session, log: { ...session.log, headHashHex: 'cc'.repeat(32) } });
    assert.deepEqual([verdictName(verdict), verdict.status === 'failed' && verdict.seq], ['altered', 299]);
  });

  it('names a tail cut with the head rewritten to match seal_mismatch', async () => {
    for (const size of [0, 1, 255, 256, 257, 599]) {
      const session = await writeSession(world, SIZE);
      const texts = (await readTexts(world.db, session)).slice(0, size);
      await replaceTexts(world.db, session, texts);
      const headHashHex = size === 0 ? '0'.repeat(64) : (parse(texts[size - 1]!).get('this_hash') as string);
      const verdict = await walk({ ...session, log: { ...session.log, size, headHashHex } });
      assert.equal(verdictName(verdict), 'seal_mismatch', `cut to ${size}`);
    }
  });

  it('names a log moved to another agent, policy, time or status seal_mismatch', async () => {
    const session = await writeSession(world, 3);
    const moves: Partial<Session>[] = [
      { policySha256Hex: 'cd'.repeat(32) },
      { startedAt: new Date(0) },
      { endedAt: new Date(0) },
      { endedAt: null },
      { status: 'error' },
    ];
    for (const move of moves) assert.equal(verdictName(await walk({ ...session, ...move })), 'seal_mismatch');
  });

  it('names a root that differs from an anchor of a smaller size root_mismatch', async () => {
    const session = await writeSession(world, SIZE, { seal: false });
    const texts = (await readTexts(world.db, session)).map((text) => Buffer.from(text));
    const honest = Buffer.from(naiveRoot(texts.slice(0, 300))).toString('hex');
    assert.equal(verdictName(await walk(session, { size: 300, rootHex: honest })), 'verified');
    const verdict = await walk(session, { size: 300, rootHex: 'ab'.repeat(32) });
    assert.deepEqual(verdict, {
      status: 'failed',
      fault: 'root_mismatch',
      seq: 299,
      expected: 'ab'.repeat(32),
      calculated: honest,
      event: eventOf(texts[299]),
    });
    const sealed = { ...session, merkleRootHex: 'ab'.repeat(32), merkleRootSize: 257 };
    assert.equal(verdictName(await walk(sealed)), 'root_mismatch');
  });

  it('names a root of any report root_mismatch, also where newer reports agree', async () => {
    const session = await writeSession(world, SIZE);
    const texts = (await readTexts(world.db, session)).map((text) => Buffer.from(text));
    const at = (size: number) => Buffer.from(naiveRoot(texts.slice(0, size))).toString('hex');
    const agreeing = [SIZE, 300, 10].map((size) => ({ size, rootHex: at(size) }));
    assert.equal(verdictName(await walk(session, ...agreeing)), 'verified');
    for (const size of [1, 10, 256, SIZE]) {
      const verdict = await walk(session, ...agreeing, { size, rootHex: 'ab'.repeat(32) });
      assert.deepEqual(
        [verdictName(verdict), verdict.status === 'failed' && verdict.seq],
        ['root_mismatch', size - 1],
      );
    }
  });

  it('names a log without its seal seal_missing where a report saw it sealed, whether or not its row says that it ended', async () => {
    const session = await writeSession(world, SIZE);
    const sealed = { size: SIZE, rootHex: session.merkleRootHex as string, sealed: true };
    const last = (await readTexts(world.db, session)).at(-1);
    assert.equal(verdictName(await walk(session, sealed)), 'verified');
    const stripped = { ...session, log: { ...session.log, seal: null } };
    const missing = {
      status: 'failed',
      fault: 'seal_missing',
      seq: SIZE - 1,
      expected: null,
      calculated: null,
      event: eventOf(last),
    };
    assert.deepEqual(await walk(stripped, sealed), missing);
    assert.deepEqual(await walk({ ...stripped, endedAt: null, merkleRootHex: null }, sealed), missing);
    const verdict = await walk(stripped, { ...sealed, sealed: false });
    assert.deepEqual(verdict.status === 'verified' && verdict.state, 'unsealed');
  });

  it('names a log shorter than a reported root truncated', async () => {
    const session = await writeSession(world, 5, { seal: false });
    assert.equal(verdictName(await walk(session, { size: 6, rootHex: 'ab'.repeat(32) })), 'truncated');
  });
});

describe('a walk over an undamaged log', () => {
  for (const size of [0, 1, 2, 255, 256, 257, 512, 8192, 8193, 20_000]) {
    it(`gives the root of the naive tree over ${size} entries`, async () => {
      const session = await writeSession(world, size);
      const texts = await readTexts(world.db, session);
      const verdict = await walk(session);
      assert.equal(verdict.status, 'verified');
      if (verdict.status !== 'verified') return;
      assert.equal(verdict.size, size);
      assert.equal(verdict.state, 'sealed');
      assert.equal(
        verdict.rootHex,
        Buffer.from(naiveRoot(texts.map((text) => Buffer.from(text)))).toString('hex'),
      );
      assert.equal(verdict.headHashHex, session.log.headHashHex);
      assert.equal(verdict.counts.redactionCount, session.aggregate.redactionCount);
      assert.deepEqual(verdict.counts.redactionsByKind, session.aggregate.redactionsByKind);
      assert.equal(verdict.events.length, Math.min(size, 1000));
      assert.deepEqual(
        verdict.events.map(({ seq }) => seq),
        verdict.events.map((_, i) => i),
      );
    });
  }

  it("verifies a log whatever its segments' own fields say", async () => {
    const session = await writeSession(world, SIZE);
    await world.db
      .collection('audit_segments')
      .updateMany({}, { $set: { count: 1, head_hash: 'x', closed: false } });
    assert.equal(verdictName(await walk(session)), 'verified');
  });

  it('finds a log unverifiable whose key is not configured, or has other bytes than the key of that id', async () => {
    const session = await writeSession(world, 3);
    const unknown = { status: 'unverifiable', reason: 'unknown_key' };
    const lost = { ...session.log, keyId: 'k_lost' };
    assert.deepEqual(await walk({ ...session, log: lost }), { ...unknown, keyId: 'k_lost' });
    const others = createVerifyDeps(world.db, [{ id: 'k_test', bytes: new Uint8Array(32).fill(8) }]);
    const ref = { accountId: session.accountId, sessionId: session.id };
    const evidence = await verifyHere(others, { ...ref, anchors: [], until: null, listed: 0 });
    assert.deepEqual(evidence?.verdict, { ...unknown, keyId: 'k_test' });
  });

  it('finds a check value that its own key does not have to be a damaged row', async () => {
    const session = await writeSession(world, 3);
    const log = { ...session.log, keyCheck: '0'.repeat(16) };
    const damaged = { status: 'unverifiable', reason: 'damaged_row', field: 'log.key_check' };
    assert.deepEqual(await walk({ ...session, log }), damaged);
  });

  it('tells a log that ended without a seal from a sealed one', async () => {
    const session = await writeSession(world, 3, { seal: false });
    const open = await walk(session);
    const ended = await walk({ ...session, endedAt: new Date() });
    assert.deepEqual(
      [open.status === 'verified' && open.state, ended.status === 'verified' && ended.state],
      ['open', 'unsealed'],
    );
  });

  it('verifies a log whose segments are uneven, since only entries count', async () => {
    const session = await writeSession(world, 300);
    const texts = await readTexts(world.db, session);
    await editSegment(world.db, session, 0, () => texts.slice(0, 100));
    await editSegment(world.db, session, 1, () => texts.slice(100));
    const verdict = await walk(session);
    assert.equal(verdictName(verdict), 'verified');
    assert.equal((await reload(session)).log.size, 300);
  });
});
