// `npm run verify -- --all` over the account logs: each damage that somebody makes in the database ends in exit 2.
import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { Collection } from 'mongodb';
import { runVerify } from '../../scripts/verify.ts';
import { HOURS } from '../../shared/aggregates/hour-repository.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { openSigning } from '../../shared/transparency/open-signing.ts';
import {
  cutTail,
  NEVER,
  openTestLogs,
  recordStated,
  SIGNING_ENV,
  TEST_SIGNING,
} from '../support/account-logs.ts';
import { createLogWorld, writeSession } from '../support/audit-world.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { startProxyThatOnlyReads } from '../support/only-reads.ts';
import { KEYS } from '../support/report-world.ts';
import { runHere } from '../support/run-here.ts';
import { pemOf } from '../support/signers.ts';

const world = await createLogWorld({ after });
const { db } = world;
type Row = { _id: string } & Record<string, unknown>;
const rowsOf = (name: string) => db.collection<Row>(name);

beforeEach(async () => {
  for (const { name } of await db.listCollections().toArray()) await db.collection(name).deleteMany({});
});

const FORGED_PDF = '6b'.repeat(32);

type Cleaned = Parameters<typeof openTestLogs>[0];

/** A sealed session and a report on it, both in the account log. */
async function createLogged(t: Cleaned) {
  const logs = await openTestLogs(t, world);
  const session = await writeSession(world, 5);
  const { accountId } = session;
  const reportId = await recordStated(world, logs, session);
  assert.equal((await logs.logs.keep(accountId, NEVER)).failed, null);
  const env = { ...commandEnv(world.database, logs.dataDir, KEYS), ...SIGNING_ENV };
  return { ...logs, session, accountId, reportId, env };
}

/** Made in 2020. */
const OLD_ID = 'rep_01E5JNZ4W00000000000000000';

/** A row as it was recorded before formats and statements were kept. */
function oldRow(accountId: string, session: Session, _id: string, generatedAt: Date): Row {
  return {
    ...{ _id, account_id: accountId, session_id: session.id, user_id: newId('user'), scope: 'session' },
    ...{ since: session.startedAt, until: session.endedAt, generated_at: generatedAt },
    ...{ size: session.log.size, root_hex: session.merkleRootHex, json_sha256: 'cd'.repeat(32) },
  };
}

async function verifyAll(env: Record<string, string>) {
  const { code, stdout, stderr } = await runHere(runVerify, ['--all', '--json'], env);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const found = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, stderr, findings: found.flatMap(({ finding }) => finding ?? []).sort(), found };
}

describe('npm run verify -- --all, over the account logs', () => {
  it('finds nothing in an untouched database; without a key it says that it could not look, and exits 1', async (t) => {
    const { env, session, ...logs } = await createLogged(t);
    await recordStated(world, logs, session, 'cd'.repeat(32));
    const { code, findings, stderr } = await verifyAll(env);
    assert.deepEqual([code, findings], [0, []], stderr);
    const without = await verifyAll({ ...env, SIGNING_KEY: '', LOG_ORIGIN: '' });
    assert.match(without.stderr, /1 account logs were not checked: set SIGNING_KEY and LOG_ORIGIN/);
    assert.equal(without.code, 1);
  });

  it('a login that may only read names what it cannot mend, and the sessions are walked all the same', async (t) => {
    const { env, session, reportId } = await createLogged(t);
    await rowsOf('account_log_places').deleteMany({});
    const unnamed = { $unset: { log_index: '' as const } };
    await rowsOf('sessions').updateOne({ _id: session.id }, unnamed);
    await rowsOf('reports').updateOne({ _id: reportId }, unnamed);
    const proxy = await startProxyThatOnlyReads(t, world.database.uri);
    const { code, findings, found, stderr } = await verifyAll({ ...env, MONGODB_URI: proxy.uri });
    assert.deepEqual(findings, [
      'account_log_places_differ',
      'account_log_places_differ',
      'logged_report_unnamed',
      'logged_session_unnamed',
      'reports_not_logged',
    ]);
    assert.equal(code, 2, stderr);
    assert.equal(found.filter(({ verdict }) => verdict === 'verified').length, 1);
    assert.equal(stderr.match(/may only read: nothing is marked or mended/g)?.length, 1);
  });

  it('an account log, or another part, at which verify --all throws is named, and the others go on', async (t) => {
    const [broken, other] = [await createLogged(t), await createLogged(t)];
    await rowsOf('reports').deleteMany({ account_id: other.accountId });
    const { countDocuments, find } = Collection.prototype;
    t.mock.method(
      Collection.prototype,
      'countDocuments',
      async function (this: Collection, ...given: Parameters<typeof countDocuments>) {
        if (given[0]?.account_id === broken.accountId) throw new RangeError('no such count');
        return await countDocuments.apply(this, given);
      },
    );
    t.mock.method(Collection.prototype, 'find', function (this: Collection, ...given: [object, object]) {
      if (this.collectionName === HOURS) throw new RangeError('no such hour');
      return find.apply(this, given);
    });
    const { code, found, stderr } = await verifyAll(broken.env);
    assert.deepEqual(
      found.filter(({ finding }) => finding !== undefined),
      [
        { finding: 'verification_broke_off', account_id: broken.accountId, error: 'no such count' },
        {
          finding: 'logged_report_gone',
          account_id: other.accountId,
          report_id: other.reportId,
          log_index: 1,
        },
        { finding: 'verification_broke_off', account_id: null, part: "hours' sums", error: 'no such hour' },
      ],
    );
    assert.match(stderr, /; 1 findings beside the logs; 2 broke off/);
    assert.equal(code, 2);
  });

  it('fails a log that was cut, with its place in the account log and its report, in the same run', async (t) => {
    const { env, session, reportId } = await createLogged(t);
    await cutTail(world, session, 3);
    await rowsOf('sessions').updateOne({ _id: session.id }, { $unset: { log_index: '' } } as never);
    await rowsOf('reports').deleteOne({ _id: reportId });
    await rowsOf('account_log_places').deleteOne({ _id: `${session.accountId}/${session.id}` });
    const { code, found, findings } = await verifyAll(env);
    const verdict = found.find((line) => 'verdict' in line);
    assert.equal(verdict?.session_id, session.id);
    assert.equal(verdict.verdict, 'seal_missing', JSON.stringify(verdict));
    assert.ok(findings.includes('account_log_places_differ'), findings.join());
    assert.equal(code, 2);
  });

  const strip = (session: Session) =>
    rowsOf('sessions').updateOne({ _id: session.id }, {
      $set: { 'log.seal': null, merkle_root_hex: null, merkle_root_size: null, ended_at: null },
      $unset: { log_index: '' },
    } as never);

  type World = Awaited<ReturnType<typeof createLogged>>;
  const damages: [what: string, damage: (world: World) => Promise<unknown>, finding: string][] = [
    [
      'a session that is gone with everything about it',
      async ({ session: { id } }) => {
        await rowsOf('sessions').deleteOne({ _id: id });
        await rowsOf('audit_segments').deleteMany({ _id: new RegExp(id) });
        await rowsOf('reports').deleteMany({ session_id: id });
      },
      'logged_session_gone',
    ],
    [
      'seal, root, end and log_index that were taken off, with the reports',
      async ({ session }) => {
        await rowsOf('reports').deleteMany({});
        await strip(session);
      },
      'logged_session_differs',
    ],
    ['a ledger row that is gone', () => rowsOf('reports').deleteMany({}), 'logged_report_gone'],
    [
      'a ledger row with another digest',
      () => rowsOf('reports').updateMany({}, { $set: { json_sha256: 'cd'.repeat(32) } } as never),
      'logged_report_differs',
    ],
    ['a policy that is gone', () => rowsOf('policies').deleteMany({}), 'logged_policy_gone'],
    [
      'an entry that somebody appended',
      ({ accountId }) =>
        rowsOf('account_log_segments').updateOne({ _id: `${accountId}/0` }, {
          $push: { entries: '{}' },
          $inc: { count: 1 },
        } as never),
      'account_log_contradicted',
    ],
    [
      'an account log that is gone, beside the file of its checkpoints',
      async () => {
        for (const name of ['account_logs', 'account_log_segments']) await rowsOf(name).deleteMany({});
      },
      'account_log_contradicted',
    ],
    [
      'a ledger row without a statement',
      () => rowsOf('reports').updateMany({}, { $unset: { statement: '' } } as never),
      'report_not_signed',
    ],
    [
      'a ledger row with the statement of another report',
      async () => {
        const row = (await rowsOf('reports').findOne()) as Row;
        await rowsOf('reports').insertOne({ ...row, _id: newId('report') });
      },
      'report_not_signed',
    ],
    [
      'a ledger row under another key',
      async ({ session }) => {
        const signing = openSigning({ ...TEST_SIGNING, privateKeyPem: pemOf(66) });
        await recordStated(world, { signing }, session);
      },
      'report_not_signed',
    ],
    [
      'a ledger row in the form of before statements, newer than the first signed report',
      ({ accountId, session }) =>
        rowsOf('reports').insertOne(oldRow(accountId, session, newId('report'), new Date(0))),
      'report_not_signed',
    ],
    [
      'a ledger row in the form of before statements, whose id alone is older',
      ({ accountId, session }) => rowsOf('reports').insertOne(oldRow(accountId, session, OLD_ID, new Date())),
      'report_not_signed',
    ],
    [
      'a ledger row in the form of before statements, with an id that no clock gave',
      ({ accountId, session }) =>
        rowsOf('reports').insertOne(oldRow(accountId, session, `rep_${'Z'.repeat(26)}`, new Date(0))),
      'report_not_signed',
    ],
    [
      'a ledger row that lost its format and its statement',
      () => rowsOf('reports').updateMany({}, { $unset: { format: '', statement: '' } } as never),
      'report_not_signed',
    ],
    [
      'a digest of a PDF without a statement',
      () => rowsOf('reports').updateMany({}, { $set: { pdf_sha256: FORGED_PDF } } as never),
      'report_not_signed',
    ],
    [
      'a digest of a PDF without a statement in a row that lost its format',
      () =>
        rowsOf('reports').updateMany({}, {
          $set: { pdf_sha256: FORGED_PDF },
          $unset: { format: '' },
        } as never),
      'report_not_signed',
    ],
    [
      'a digest of a PDF beside the statement over another',
      async ({ session, ...logs }) => {
        await recordStated(world, logs, session, 'cd'.repeat(32));
        await rowsOf('reports').updateMany({ format: 'pdf' }, { $set: { pdf_sha256: FORGED_PDF } } as never);
      },
      'report_not_signed',
    ],
    [
      "a digest of a PDF under the statement over the report's JSON",
      async () => {
        const row = (await rowsOf('reports').findOne()) as Row;
        const forged = { pdf_sha256: row.json_sha256, pdf_statement: row.statement };
        await rowsOf('reports').updateMany({}, { $set: forged } as never);
      },
      'report_not_signed',
    ],
    [
      'a PDF whose digest and statement were taken off',
      async ({ session, ...logs }) => {
        await recordStated(world, logs, session, 'cd'.repeat(32));
        await rowsOf('reports').updateMany({ format: 'pdf' }, {
          $set: { pdf_sha256: null },
          $unset: { pdf_statement: '' },
        } as never);
      },
      'report_not_signed',
    ],
    [
      'a ledger row with a root that nobody signed',
      ({ session: { id, accountId } }) =>
        rowsOf('reports').insertOne({
          ...{ _id: newId('report'), account_id: accountId, session_id: id },
          ...{ size: 3, root_hex: 'ab'.repeat(32) },
        }),
      'ledger_row_disagrees',
    ],
    [
      'a ledger row with values of other types',
      () =>
        rowsOf('reports').insertOne({ _id: '\n', format: null, statement: { toString: 1 }, account_id: {} }),
      'report_not_signed',
    ],
  ];
  for (const [what, damage, finding] of damages) {
    it(`names ${what}, and exits 2`, async (t) => {
      const logged = await createLogged(t);
      await damage(logged);
      const { code, findings, stderr } = await verifyAll(logged.env);
      assert.ok(findings.includes(finding), `${findings.join()} ${stderr}`);
      assert.ok(!findings.includes('verification_broke_off'), stderr);
      assert.equal(code, 2);
    });
  }

  it('passes over a row that is older than the first signed report of its account, and says that nothing vouches for it', async (t) => {
    const { env, session, accountId } = await createLogged(t);
    await rowsOf('reports').insertOne(oldRow(accountId, session, OLD_ID, new Date('2020-04-11T00:00:00Z')));
    const { code, findings, stderr } = await verifyAll(env);
    assert.deepEqual([code, findings], [0, []], stderr);
    assert.match(stderr, /1 rows of the ledger are older than the first signed report of their account/);
  });

  it('names a row that fails a log, and that nobody signed, where nothing signed speaks about the session', async (t) => {
    const { env, session } = await createLogged(t);
    const other = await writeSession(world, 5);
    const rows = [session, other].map(({ id, accountId }) => ({
      ...{ _id: newId('report'), account_id: accountId, session_id: id },
      ...{ size: 3, root_hex: 'ab'.repeat(32) },
    }));
    await rowsOf('reports').insertMany(rows);
    const verified = await runHere(runVerify, [session.id], env);
    assert.match(verified.stdout, new RegExp(`^${session.id} verified, 5 entries, sealed`));
    assert.match(
      verified.stdout,
      new RegExp(
        `^${session.id} ledger_row_disagrees: the row of report ${rows[0]?._id} in the ledger states another root`,
        'm',
      ),
    );
    assert.equal(verified.code, 2);
    const failed = await runHere(runVerify, [other.id], env);
    assert.match(
      failed.stdout,
      new RegExp(`FAILED: root_mismatch .*, by report ${rows[1]?._id} in the ledger, which no key of this`),
    );
    const json = await runHere(runVerify, [other.id, '--json'], env);
    const { report_id, anchor_signed } = JSON.parse(json.stdout) as Record<string, unknown>;
    assert.deepEqual([report_id, anchor_signed], [rows[1]?._id, false]);
  });

  it('marks a session that the log holds otherwise, and says so of it from then on', async (t) => {
    const { env, session } = await createLogged(t);
    await rowsOf('reports').deleteMany({});
    await strip(session);
    const first = await runScript('verify.ts', ['--all'], env);
    assert.match(
      first.stdout,
      new RegExp(
        `^${session.id} logged_session_differs: its row has another end, root, seal than entry 2 `,
        'm',
      ),
    );
    const { stdout, code } = await runHere(runVerify, [session.id], env);
    assert.match(stdout, / FAILED: seal_missing/);
    assert.equal(code, 2);
  });
});
