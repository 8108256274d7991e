// Witnesses of the account log: a real HTTP witness that holds, refuses, hangs, forges and forgets.
import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { newId } from '../../../shared/audit/ids.ts';
import { verifyCosignature } from '../../../shared/transparency/cosignature.ts';
import { createLogHeads } from '../../../shared/transparency/log-heads.ts';
import { logKey, logOrigin } from '../../../shared/transparency/log-origin.ts';
import { parseNote } from '../../../shared/transparency/note.ts';
import { openSigning } from '../../../shared/transparency/open-signing.ts';
import { NEVER, openTestLogs, TEST_SIGNING, type TestLogs } from '../../support/account-logs.ts';
import { createLogWorld } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { growLog } from '../../support/long-log.ts';
import { startWitness, type TestWitness } from '../../support/witness.ts';
import { WRONG_VALUES } from '../../support/wrong-values.ts';

const world = await createLogWorld({ after });
const { identity } = openSigning(TEST_SIGNING);

async function start(t: TestContext, options: Parameters<typeof startWitness>[2] = {}) {
  const accountId = newId('account');
  const origin = logOrigin(identity, accountId);
  const witness = await startWitness(t, [logKey(identity, accountId)], options);
  const logs = await openTestLogs(t, world, { witnesses: [witness] });
  return { accountId, origin, witness, logs };
}

/** The witnesses whose valid cosignatures stand on the served checkpoint. */
async function cosigners({ reader }: TestLogs, accountId: string, witnesses: readonly TestWitness[]) {
  const note = parseNote((await reader.checkpoint(accountId))?.text ?? '');
  return witnesses
    .filter(({ key }) =>
      note?.signatures.some((signature) => verifyCosignature(note.text, signature, key) !== null),
    )
    .map(({ key }) => key.name);
}

describe('a witness', () => {
  it('cosigns the first checkpoint, and each later one by a proof from the one it holds', async (t) => {
    const { accountId, origin, witness, logs } = await start(t);
    for (const size of [3, 4, 300, 301]) {
      await growLog(world, logs, accountId, size);
      assert.equal(witness.held(origin), size);
      assert.deepEqual(await cosigners(logs, accountId, [witness]), ['witness.example/w1']);
    }
    assert.deepEqual(witness.answers, [200, 200, 200, 200]);
  });

  it('tells a process that does not know what it holds, and gets the proof from there', async (t) => {
    const { accountId, origin, witness, logs } = await start(t);
    await growLog(world, logs, accountId, 5);
    const other = await openTestLogs(t, world, { witnesses: [witness], dataDir: logs.dataDir });
    await growLog(world, other, accountId, 9);
    assert.deepEqual(witness.answers, [200, 409, 200]);
    assert.equal(witness.held(origin), 9);
  });

  it('that lost what it held is given the log anew', async (t) => {
    const { accountId, origin, witness, logs } = await start(t);
    await growLog(world, logs, accountId, 5);
    witness.forget();
    await growLog(world, logs, accountId, 9);
    assert.deepEqual(witness.answers, [200, 409, 200]);
    assert.equal(witness.held(origin), 9);
  });

  it('that holds another log of this name cosigns nothing, and an operator is told', async (t) => {
    const { accountId, origin, witness, logs } = await start(t);
    witness.pretend(origin, 2, new Uint8Array(32).fill(1));
    await growLog(world, logs, accountId, 5);
    assert.deepEqual(await cosigners(logs, accountId, [witness]), []);
    assert.match(
      logs.told.join('\n'),
      /a witness contradicts the account log .*it holds another log at size 2/,
    );
    assert.equal((await logs.reader.checkpoint(accountId))?.size, 5);
  });

  it('that has cosigned more entries than there are shows that the log was put back', async (t) => {
    const { accountId, origin, witness, logs } = await start(t);
    witness.pretend(origin, 50, new Uint8Array(32).fill(1));
    await growLog(world, logs, accountId, 5);
    assert.match(logs.told.join('\n'), /it has cosigned 50 entries, and there are 5/);
  });

  it('that has cosigned another log of the very size is told of as well', async (t) => {
    const { accountId, origin, witness, logs } = await start(t);
    witness.pretend(origin, 5, new Uint8Array(32).fill(1));
    await growLog(world, logs, accountId, 5);
    assert.match(logs.told.join('\n'), /contradicts the account log .*it holds another log at size 5/);
    assert.equal((await createLogHeads(world.db).find(accountId)).contradictions.length, 1);
  });

  it('is asked what it holds where a process knows it to hold more than the log has', async (t) => {
    const { accountId, witness, logs } = await start(t);
    const rows = world.db.collection<{ _id: string }>('account_logs');
    await growLog(world, logs, accountId, 5);
    const earlier = await rows.findOne({ _id: accountId });
    await growLog(world, logs, accountId, 9);
    await rows.replaceOne({ _id: accountId }, earlier as object);
    await rows.updateOne({ _id: accountId }, { $set: { 'checkpoint.cosignatures': [] } } as never);
    await logs.logs.askWitnesses(accountId, NEVER);
    assert.deepEqual(witness.answers, [200, 200, 409]);
    assert.match(logs.told.join('\n'), /it has cosigned 9 entries, and there are 5/);
  });

  it('is noted while it contradicts the log, whatever somebody wrote in the place of that', async (t) => {
    const { accountId, origin, witness, logs } = await start(t);
    const { find, countContradictions, noteContradiction } = createLogHeads(world.db);
    const noted = async () =>
      (await find(accountId)).contradictions.map(({ name, problem }) => [name, problem]);
    await growLog(world, logs, accountId, 5);
    const names = new Set([witness.key.name]);
    const before = await countContradictions(names);
    assert.deepEqual(await noted(), []);
    witness.pretend(origin, 50, new Uint8Array(32).fill(1));
    await growLog(world, logs, accountId, 6);
    const problem = 'it has cosigned 50 entries, and there are 6';
    assert.deepEqual(await noted(), [[witness.key.name, problem]]);
    assert.equal(await countContradictions(names), before + 1);
    assert.equal(await countContradictions(new Set(['witness.example/of-before'])), 0);
    const [first] = (await find(accountId)).contradictions;
    await logs.logs.askWitnesses(accountId, NEVER);
    assert.deepEqual((await find(accountId)).contradictions, [first], 'since it first said so');
    const rows = world.db.collection<{ _id: string }>('account_logs');
    for (const value of WRONG_VALUES) {
      await rows.updateOne({ _id: accountId }, { $set: { contradictions: value } } as never);
      await logs.logs.askWitnesses(accountId, NEVER);
      assert.deepEqual(await noted(), [[witness.key.name, problem]], inspect(value));
    }
    witness.forget();
    await logs.logs.askWitnesses(accountId, NEVER);
    assert.deepEqual(await noted(), []);
    assert.equal(await countContradictions(names), before);
    // As where another keeper noted it after the witness had cosigned.
    await noteContradiction(accountId, { name: witness.key.name, problem, foundAt: new Date() });
    await logs.logs.askWitnesses(accountId, NEVER);
    assert.deepEqual(await noted(), []);
  });

  it('is noted beside others that contradict the log at the same moment', async (t) => {
    const { accountId, origin, witness } = await start(t);
    const keys = [logKey(identity, accountId)];
    const other = await startWitness(t, keys, { name: 'witness.example/w2', seed: 43 });
    const logs = await openTestLogs(t, world, { witnesses: [witness, other] });
    for (const { pretend } of [witness, other]) pretend(origin, 50, new Uint8Array(32));
    const noted = async () => {
      const { contradictions } = await createLogHeads(world.db).find(accountId);
      return new Map(contradictions.map(({ name, foundAt }) => [name, foundAt]));
    };
    await growLog(world, logs, accountId, 5);
    const first = await noted();
    assert.deepEqual([...first.keys()].sort(), ['witness.example/w1', 'witness.example/w2']);
    for (let round = 0; round < 5; round += 1) {
      await logs.logs.askWitnesses(accountId, NEVER);
      assert.deepEqual(new Map([...(await noted())].sort()), new Map([...first].sort()));
    }
    witness.forget();
    await logs.logs.askWitnesses(accountId, NEVER);
    assert.deepEqual([...(await noted()).keys()], ['witness.example/w2']);
  });

  it('that hangs keeps no log waiting, and the lines of others neither', async (t) => {
    const accountIds = Array.from({ length: 9 }, () => newId('account'));
    const keys = accountIds.map((accountId) => logKey(identity, accountId));
    const hanging = await startWitness(t, keys);
    const good = await startWitness(t, keys, { name: 'witness.example/w2', seed: 43 });
    const unwatched = await openTestLogs(t, world);
    const logs = await openTestLogs(t, world, {
      witnesses: [hanging, good],
      witnessTimeoutMs: 600_000,
      dataDir: unwatched.dataDir,
    });
    hanging.set('hangs');
    for (const accountId of accountIds) {
      await growLog(world, unwatched, accountId, 3);
      logs.logs.witnessRounds.begin(accountId);
    }
    await eventually('the other witness has cosigned all', async () => {
      const found = await Promise.all(accountIds.map((id) => cosigners(logs, id, [hanging, good])));
      assert.deepEqual(
        found,
        accountIds.map(() => ['witness.example/w2']),
      );
    });
    await logs.logs.witnessRounds.stop();
    assert.deepEqual(hanging.answers, []);
  });

  for (const misbehaviour of ['fails', 'forges', 'babbles', 'redirects', 'wraps', 'misdates'] as const) {
    it(`that ${misbehaviour} delays nothing, and is asked again by the next run`, async (t) => {
      const { accountId, witness, logs } = await start(t);
      witness.set(misbehaviour);
      await growLog(world, logs, accountId, 5);
      assert.equal((await logs.reader.checkpoint(accountId))?.size, 5);
      assert.deepEqual(await cosigners(logs, accountId, [witness]), []);
      assert.match(logs.told.join('\n'), /a witness did not cosign the checkpoint: it is asked again/);
      assert.deepEqual(
        (await logs.logs.listDue()).filter((id) => id === accountId),
        [accountId],
      );
      witness.set(null);
      await logs.logs.keep(accountId, NEVER);
      assert.deepEqual(await cosigners(logs, accountId, [witness]), ['witness.example/w1']);
      assert.deepEqual(
        (await logs.logs.listDue()).filter((id) => id === accountId),
        [],
      );
    });
  }

  it('is asked again where somebody wrote a false cosignature of it into the database, which is dropped', async (t) => {
    const { accountId, witness, logs } = await start(t);
    await growLog(world, logs, accountId, 5);
    const rows = world.db.collection<{ _id: string } & Record<string, unknown>>('account_logs');
    const stored = (await rows.findOne({ _id: accountId })) as unknown as {
      checkpoint: { cosignatures: { name: string; line: string; at: Date }[] };
    };
    const [earlier] = stored.checkpoint.cosignatures;
    assert.ok(earlier);
    await growLog(world, logs, accountId, 9);
    const isDue = async () => (await logs.logs.listDue()).includes(accountId);
    const id = Buffer.from(witness.key.keyIdHex, 'hex');
    const junk = Buffer.concat([id, Buffer.alloc(72, 7)]).toString('base64');
    const own = `— ${logOrigin(identity, accountId)} ${junk}`;
    const falseLines = {
      'of an earlier checkpoint': earlier,
      'made up': { ...earlier, line: `— ${earlier.name} ${junk}` },
    };
    for (const [what, line] of Object.entries(falseLines)) {
      for (const beside of [[], [await validLine(accountId)]]) {
        const set = { $set: { 'checkpoint.cosignatures': [line, ...beside] } };
        await rows.updateOne({ _id: accountId }, set as never);
        assert.equal(await isDue(), true, what);
        await logs.logs.keep(accountId, NEVER);
        assert.deepEqual(await cosigners(logs, accountId, [witness]), ['witness.example/w1'], what);
        const note = parseNote((await logs.reader.checkpoint(accountId))?.text ?? '');
        assert.equal(note?.signatures.length, 2, what);
        assert.equal(await isDue(), false, what);
        assert.match(logs.told.join('\n'), /a false cosignature into the database: it is dropped/);
      }
    }
    // A false line of the log's own key would make the checkpoint one that nobody takes.
    const set = { $push: { 'checkpoint.cosignatures': { ...earlier, line: own } } };
    await rows.updateOne({ _id: accountId }, set as never);
    const named = {
      $push: { 'checkpoint.cosignatures': { ...earlier, name: own.split(' ')[1], line: own } },
    };
    await rows.updateOne({ _id: accountId }, named as never);
    const note = parseNote((await logs.reader.checkpoint(accountId))?.text ?? '');
    assert.equal(note?.signatures.length, 2);
  });

  it('that changed its key is asked again, and nobody is blamed for the line of its former key', async (t) => {
    const { accountId, logs } = await start(t);
    await growLog(world, logs, accountId, 3);
    const changed = await startWitness(t, [logKey(identity, accountId)], { seed: 43 });
    const later = await openTestLogs(t, world, { witnesses: [changed], dataDir: logs.dataDir });
    assert.equal((await later.logs.keep(accountId, NEVER)).failed, null);
    assert.deepEqual(await cosigners(later, accountId, [changed]), ['witness.example/w1']);
    assert.equal((await later.reader.checkpoint(accountId))?.size, 3);
    assert.doesNotMatch(later.told.join('\n'), /false cosignature/);
    assert.equal((await later.logs.listDue()).includes(accountId), false);
  });

  it('has its cosignature kept whatever somebody wrote in its place', async (t) => {
    const { accountId, witness, logs } = await start(t);
    await growLog(world, logs, accountId, 5);
    const rows = world.db.collection<{ _id: string }>('account_logs');
    const valid = await validLine(accountId);
    const named = [{ line: 5 }, { line: 'x' }, { at: 'x' }].map((odd) => [{ ...valid, ...odd }]);
    for (const cosignatures of [...WRONG_VALUES, ...named]) {
      await rows.updateOne({ _id: accountId }, {
        $set: { 'checkpoint.cosignatures': cosignatures },
      } as never);
      assert.equal((await logs.logs.keep(accountId, NEVER)).failed, null, inspect(cosignatures));
      assert.deepEqual(
        await cosigners(logs, accountId, [witness]),
        ['witness.example/w1'],
        inspect(cosignatures),
      );
    }
  });

  async function validLine(accountId: string) {
    const row = await world.db
      .collection<{ _id: string; checkpoint: { cosignatures: object[] } }>('account_logs')
      .findOne({ _id: accountId });
    return row?.checkpoint.cosignatures.at(-1);
  }

  it('that hangs keeps no other witness waiting, and is left after its time limit', async (t) => {
    const { accountId, witness: hanging } = await start(t);
    const good = await startWitness(t, [logKey(identity, accountId)], {
      name: 'witness.example/w2',
      seed: 43,
    });
    hanging.set('hangs');
    const logs = await openTestLogs(t, world, { witnesses: [hanging, good], witnessTimeoutMs: 200 });
    await growLog(world, logs, accountId, 5);
    assert.deepEqual(await cosigners(logs, accountId, [hanging, good]), ['witness.example/w2']);
    hanging.set(null);
    await logs.logs.keep(accountId, NEVER);
    assert.deepEqual(await cosigners(logs, accountId, [hanging, good]), [
      'witness.example/w1',
      'witness.example/w2',
    ]);
  });
});
