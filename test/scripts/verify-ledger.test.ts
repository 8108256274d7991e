// The axis `ledger` of `npm run verify`: a row that somebody wrote into the database shows nothing.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { newId } from '../../shared/audit/ids.ts';
import { formatNote, parseNote, signNote } from '../../shared/transparency/note.ts';
import { openSigning } from '../../shared/transparency/open-signing.ts';
import { createStatementSigner } from '../../shared/transparency/statement-signer.ts';
import { NEVER, openTestLogs, TEST_SIGNING } from '../support/account-logs.ts';
import { altered, createReportWorld, signStatement } from '../support/report-world.ts';
import { pemOf, signerOf } from '../support/signers.ts';

const world = await createReportWorld({ after });
const rows = world.db.collection<{ _id: string }>('reports');

type Report = Readonly<{
  id: string;
  generated_at: string;
  merkle_root_hex: string;
  account: { id: string };
  audit_log: { event_count: number };
}>;

const reportOf = (json: Uint8Array) => JSON.parse(Buffer.from(json).toString()).report as Report;

/** What verify says of the ledger, and how it exits. */
async function verifyLedger(json: Uint8Array, env: Record<string, string> = {}) {
  const { code, stdout } = await world.verify('report.json', json, env);
  return { code, line: /^ledger: .*$/m.exec(stdout)?.[0] ?? stdout };
}

/** Sets fields of a report's row. */
const setRow = (json: Uint8Array, fields: object) =>
  rows.updateOne({ _id: reportOf(json).id }, { $set: fields });

const stated = (json: Uint8Array, change: object = {}) => {
  const { id: reportId, generated_at: generatedAt } = reportOf(json);
  return { subject: 'report', reportId, sha256Hex: hash('sha256', json), generatedAt, ...change } as const;
};

describe('npm run verify -- report.json, on the ledger', () => {
  it('a statement of this deployment over these bytes is verified, and under an earlier key of it', async () => {
    const { json } = await world.issue(3);
    const signed = 'ledger: verified, the same bytes as issued, under a statement signed by this deployment';
    assert.deepEqual(await verifyLedger(json), {
      code: 0,
      line: `${signed}; not in the account log yet`,
    });
    const retired = Buffer.from(signerOf(1).publicKey).toString('base64');
    const changed = { SIGNING_KEY: pemOf(2), RETIRED_KEYS: retired };
    assert.match((await verifyLedger(json, changed)).line, /^ledger: verified, /);
    const lost = await verifyLedger(json, { SIGNING_KEY: pemOf(2) });
    assert.equal(lost.code, 2);
    assert.match(lost.line, /FAILED, .* signed by none of this deployment's keys: .*RETIRED_KEYS$/);
  });

  it('names the entry of the account log, once a signed checkpoint covers it, and fails one of another report', async (t) => {
    const { json, session } = await world.issue(3);
    const logs = await openTestLogs(t, world);
    assert.equal((await logs.logs.keep(session.accountId, NEVER)).failed, null);
    const { log_index: index } = (await rows.findOne({ _id: reportOf(json).id })) as unknown as {
      log_index: number;
    };
    assert.match((await verifyLedger(json)).line, new RegExp(`; entry ${index} of the account log$`));
    await setRow(json, { log_index: null });
    const unnamed = (await verifyLedger(json)).line;
    assert.match(
      unnamed,
      new RegExp(`verified, .*; entry ${index} of the account log, which its row does not`),
    );
    for (const log_index of [index - 1, 1_000]) {
      await setRow(json, { log_index });
      const { line, code } = await verifyLedger(json);
      const issued = `these bytes were issued, as entry ${index} of the account log says`;
      assert.equal(
        line,
        `ledger: FAILED, ${issued}; its row in the ledger was changed since: account log entry`,
      );
      assert.equal(code, 2);
    }
    await setRow(json, { log_index: index });
    await world.db
      .collection<{ _id: string }>('account_log_segments')
      .updateOne({ _id: `${session.accountId}/0` }, { $set: { 'entries.1': '{}' } });
    const damaged = await verifyLedger(json);
    assert.match(damaged.line, /FAILED, the account log contradicts its signed checkpoint: Entry 1 of /);
  });

  it('fails one whose id is that of another report in the account log, whatever entry its row names', async (t) => {
    const { json, session } = await world.issue(3);
    const { id } = reportOf(json);
    const first = await rows.findOne({ _id: id });
    const other = altered(json, (report) => report.set('generated_at', '2026-05-03T00:00:00Z'));
    const generated_at = new Date('2026-05-03T00:00:00Z');
    const statement = await signStatement(session.accountId, stated(other));
    const logs = await openTestLogs(t, world);
    assert.equal((await logs.logs.keep(session.accountId, NEVER)).failed, null);
    const { log_index: index } = (await rows.findOne({ _id: id })) as unknown as { log_index: number };
    const second = { ...first, json_sha256: hash('sha256', other), statement, generated_at };
    for (const log_index of [null, index, 0, 1_000]) {
      await rows.replaceOne({ _id: id }, { ...second, log_index } as object);
      const { line, code } = await verifyLedger(other);
      const says = `entry ${index} of the account log says that another report was issued under its id`;
      assert.equal(line, `ledger: FAILED, ${says}, whatever its statement says`, String(log_index));
      assert.equal(code, 2);
    }
  });

  it('a row whose entry is not logged yet names none, or one behind the log', async (t) => {
    const { session } = await world.issue(3);
    const logs = await openTestLogs(t, world);
    assert.equal((await logs.logs.keep(session.accountId, NEVER)).failed, null);
    const { json } = await world.issue(3);
    assert.match((await verifyLedger(json)).line, /verified, .*; not in the account log yet$/);
    await setRow(json, { log_index: 1_000 });
    assert.match((await verifyLedger(json)).line, /verified, .*; no signed checkpoint .* covers it yet$/);
  });

  it('a row that was changed, or removed, makes no false report of one that the account log has', async (t) => {
    const { json, session } = await world.issue(3);
    const { logs } = await openTestLogs(t, world);
    assert.equal((await logs.keep(session.accountId, NEVER)).failed, null);
    const row = (await rows.findOne({ _id: reportOf(json).id })) as unknown as Record<string, unknown>;
    const proof = `these bytes were issued, as entry ${row.log_index} of the account log says`;
    const restore = () => rows.replaceOne({ _id: reportOf(json).id }, row, { upsert: true });
    const bare = { statement: null, log_index: null, entry_statement: null };
    for (const [fields, members] of [
      [{ json_sha256: '5a'.repeat(32), ...bare }, 'SHA-256'],
      [{ user_id: newId('user'), ...bare }, 'who asked'],
      [bare, 'statement'],
      [{ ...bare, statement: 'x' }, 'statement'],
    ] as const) {
      await setRow(json, fields);
      const { code, line } = await verifyLedger(json);
      const expected = `ledger: FAILED, ${proof}; its row in the ledger was changed since: ${members}`;
      assert.deepEqual([code, line], [2, expected], JSON.stringify(fields));
      await restore();
    }
    await rows.deleteOne({ _id: reportOf(json).id });
    const gone = await verifyLedger(json);
    const removed = `ledger: FAILED, ${proof}; its row in the ledger was removed since`;
    assert.deepEqual([gone.code, gone.line], [2, removed]);

    // Nothing proves other bytes under its id.
    const other = altered(json, (report) => report.set('generated_at', '2019-03-01T08:00:00Z'));
    assert.match(
      (await verifyLedger(other)).line,
      /FAILED, no report of this id was recorded .*never issued/,
    );
    await restore();
    assert.match((await verifyLedger(other)).line, /FAILED, the bytes are not those that were issued/);
  });

  it('a row without a statement is unverifiable, and says that nothing but the database states the report', async () => {
    const { json } = await world.issue(3);
    await rows.updateOne({ _id: reportOf(json).id }, { $unset: { statement: '' } });
    for (const statement of [undefined, null]) {
      if (statement === null) await setRow(json, { statement });
      const { code, line } = await verifyLedger(json);
      assert.match(
        line,
        /unverifiable, .* bears no statement: nothing but the database says that it was issued/,
      );
      assert.equal(code, 1);
    }
  });

  it('without a signing key the statement is unverifiable, and the remedy is named', async () => {
    const { json } = await world.issue(3);
    const { code, line } = await verifyLedger(json, { SIGNING_KEY: '', LOG_ORIGIN: '' });
    assert.match(line, /unverifiable, .*: set SIGNING_KEY and LOG_ORIGIN as the service has them$/);
    assert.equal(code, 1);
  });

  it('a statement of another id, digest, time or origin, and what is no statement, fail', async () => {
    const { json } = await world.issue(3);
    const { accountId } = (await world.issue(1)).session;
    const own = reportOf(json).account.id;
    const statements: Record<string, [unknown, RegExp]> = {
      id: [await signStatement(own, stated(json, { reportId: newId('report') })), /its id differs$/],
      digest: [
        await signStatement(own, stated(json, { sha256Hex: '00'.repeat(32) })),
        /its SHA-256 differs$/,
      ],
      time: [
        await signStatement(own, stated(json, { generatedAt: '2020-01-01T00:00:00Z' })),
        /its time differs$/,
      ],
      account: [await signStatement(accountId, stated(json)), /its origin differs$/],
      subject: [
        await signStatement(own, stated(json, { subject: 'pdf' })),
        /is none: somebody else wrote it there$/,
      ],
      text: ['verified', /is none: somebody else wrote it there$/],
      type: [{ toString: 1 }, /is none: somebody else wrote it there$/],
      empty: ['', /is none: somebody else wrote it there$/],
    };
    for (const [name, [statement, reason]] of Object.entries(statements)) {
      await setRow(json, { statement });
      const { code, line } = await verifyLedger(json);
      assert.match(line, /^ledger: FAILED, the statement in the ledger /, name);
      assert.match(line, reason, name);
      assert.equal(code, 2, name);
    }
  });

  /** As an attacker inserts it, who composed a report on an account of his own and can write to the database. */
  async function forge(statementOf: (accountId: string, forged: Uint8Array) => Promise<string | null>) {
    const genuine = await world.issue(5);
    const accountId = newId('account');
    const forged = altered(genuine.json, (report) => {
      report.set('id', newId('report'));
      report.set('generated_at', '2019-03-01T08:00:00Z');
      report.set('account', new Map(Object.entries({ id: accountId, name: 'Invented Clinic' })));
    });
    const statement = await statementOf(accountId, forged);
    const { id, merkle_root_hex: root, audit_log: log } = reportOf(forged);
    const row = (await rows.findOne({ _id: reportOf(genuine.json).id })) as unknown as Record<
      string,
      unknown
    >;
    const { statement: copied, log_due: _, ...copy } = row;
    await rows.insertOne({
      ...{ ...copy, _id: id, account_id: accountId, json_sha256: hash('sha256', forged) },
      ...{ root_hex: root, size: log.event_count, generated_at: new Date('2019-03-01T08:00:00Z') },
      ...(statement === 'copied' ? { statement: copied } : statement !== null && { statement }),
    } as never);
    return await verifyLedger(forged);
  }

  it('a report that was never issued is not verified by a row that somebody inserted', async () => {
    const without = await forge(async () => null);
    assert.match(without.line, /^ledger: unverifiable, .* bears no statement/);
    assert.notEqual(without.code, 0);

    const copied = await forge(async () => 'copied');
    assert.match(
      copied.line,
      /^ledger: FAILED, .* is another report's: its id, SHA-256, time, origin differs$/,
    );
    assert.equal(copied.code, 2);

    const own = openSigning({ ...TEST_SIGNING, privateKeyPem: pemOf(66) });
    const underOwn = await forge((accountId, json) => createStatementSigner(own)(accountId, stated(json)));
    assert.match(underOwn.line, /^ledger: FAILED, .* signed by none of this deployment's keys/);
    assert.equal(underOwn.code, 2);

    // His signature beside one of ours that was made over another text.
    const genuine = await world.issue(2);
    const { statement: ours } = (await rows.findOne({ _id: reportOf(genuine.json).id })) as unknown as {
      statement: string;
    };
    const mixed = await forge(async (accountId, json) => {
      const text = (await createStatementSigner(own)(accountId, stated(json)))?.split('\n\n')[0];
      const note = await signNote(`${text}\n`, `${TEST_SIGNING.origin}/${accountId}`, signerOf(66));
      return formatNote({
        ...note,
        signatures: [...note.signatures, ...(parseNote(ours)?.signatures ?? [])],
      });
    });
    assert.match(mixed.line, /^ledger: FAILED, .* signed by none of this deployment's keys/);
    assert.equal(mixed.code, 2);
  });
});
