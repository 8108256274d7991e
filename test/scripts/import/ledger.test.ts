// Which rows of a ledger an import takes. Each row that it does not take is named, and none is taken in a form that no
// report has.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { newId } from '../../../shared/audit/ids.ts';
import {
  changedCopy,
  countStored,
  createSmallAccount,
  importTwice,
  recordWide,
  type SmallAccount,
} from '../../support/small-account.ts';

type Row = Record<string, unknown> & { id: string };

async function exportSmall(t: TestContext): Promise<{ account: SmallAccount; whole: string; rows: Row[] }> {
  const account = await createSmallAccount(t);
  const whole = await account.exportTo('whole');
  const lines = (await readFile(join(whole, 'reports.ndjson'), 'utf8')).trim().split('\n');
  return { account, whole, rows: lines.map((line) => JSON.parse(line) as Row) };
}

/** Imports the folder with another ledger, and gives what was said and the ids that are stored. */
async function importRows(t: TestContext, whole: string, name: string, rows: readonly (Row | string)[]) {
  const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)));
  const dir = await changedCopy(whole, name, { 'reports.ndjson': () => lines });
  const { code, stdout, stderr, world } = await importTwice(t, dir);
  const stored = await world.db.collection<Row & { _id: string }>('reports').find().toArray();
  return { code, said: stdout + stderr, stored: stored.map(({ _id }) => _id), world };
}

/** A row of a report that nobody signed, as a deployment without keys records it. */
function unsigned(row: Row, changes: Record<string, unknown> = {}): Row {
  const { entry_statement: _, csv_statement: __, log_index: ___, ...rest } = row;
  return { ...rest, ...{ id: newId('report'), statement: null, pdf_statement: null }, ...changes } as Row;
}

const isOf = (scope: string) => (row: Row) => row.scope === scope;

describe('a ledger that the account log of its bundle contradicts', () => {
  it('is refused row by row, named, and the true rows are taken', async (t) => {
    const { whole, rows } = await exportSmall(t);
    const row = rows.find(isOf('session'))!;
    const others = rows.filter((each) => each !== row);
    const { entry_statement: _, ...unstated } = row;
    const off = { statement: null, pdf_statement: null };
    const forged: Record<string, Row> = {
      'another digest, no statement': { ...unstated, ...off, json_sha256: '00'.repeat(32) } as Row,
      'no statement at all': { ...unstated, ...off } as Row,
      'no statement of its entry, another start': { ...unstated, since: '1999-01-01T00:00:00.000Z' } as Row,
      'no statement of its entry, another format': { ...unstated, format: 'json' } as Row,
      'no statement of its entry': unstated as Row,
      'no statement of its PDF': { ...row, pdf_sha256: '00'.repeat(32), pdf_statement: null },
      'another entry': { ...row, log_index: 0 },
    };
    for (const [what, each] of Object.entries(forged)) {
      const { code, said, stored } = await importRows(t, whole, `forged ${what}`, [each, ...others]);
      assert.equal(code, 2, what);
      assert.match(
        said,
        new RegExp(`refused reports\\.ndjson:1: ${row.id}: .*entry \\d+ of the account log`),
        what,
      );
      assert.deepEqual(stored.sort(), others.map(({ id }) => id).sort(), what);
    }
  });
});

describe('two rows of one report', () => {
  it('are refused both where they differ, by their lines, whichever comes first', async (t) => {
    const { whole, rows } = await exportSmall(t);
    const row = rows.find(isOf('session'))!;
    const others = rows.filter((each) => each !== row);
    const forged = unsigned(row, { id: row.id, user_id: newId('user') });
    for (const pair of [
      [forged, row],
      [row, { ...row, user_id: newId('user') }],
    ]) {
      const name = `twice ${pair.indexOf(row)}`;
      const { code, said, stored } = await importRows(t, whole, name, [...pair, ...others]);
      assert.equal(code, 2);
      assert.match(said, new RegExp(`reports\\.ndjson:1: ${row.id}: line 2 has another row of this report`));
      assert.match(said, new RegExp(`reports\\.ndjson:2: ${row.id}: line 1 has another row of this report`));
      assert.deepEqual(stored.sort(), others.map(({ id }) => id).sort());
    }
  });

  it('are one where they are the same, and named', async (t) => {
    const { whole, rows } = await exportSmall(t);
    const { code, said, stored } = await importRows(t, whole, 'same', [...rows, rows[0]!]);
    assert.equal(code, 2);
    assert.match(
      said,
      new RegExp(`reports\\.ndjson:5: ${rows[0]!.id}: is listed twice: the first row is taken`),
    );
    assert.equal(stored.length, 4);
  });

  it('are named where the other one is stored already', async (t) => {
    const { account, whole, rows } = await exportSmall(t);
    const { world } = await importRows(t, whole, 'before', rows);
    // A bundle of a version that did not export what is known of a CSV is no other row.
    const bare = rows.map(({ csv_sha256: _, csv_statement: __, ...row }) => JSON.stringify(row));
    const earlier = await changedCopy(whole, 'without CSV', { 'reports.ndjson': () => bare });
    assert.equal((await world.importDir(earlier, '--account', account.accountId)).code, 0);
    const changed = { user_id: newId('user') };
    await world.db
      .collection<Row & { _id: string }>('reports')
      .updateOne({ _id: rows[0]!.id }, { $set: changed });
    const again = await world.importDir(whole, '--account', account.accountId);
    assert.equal(again.code, 2);
    assert.match(again.stdout, new RegExp(`${rows[0]!.id}: is stored already, with another row`));
  });
});

describe('a row in a form that no report has', () => {
  it('is refused, named, and nothing of its values is shown', async (t) => {
    const { account, whole, rows } = await exportSmall(t);
    const of = (scope: string, changes: Record<string, unknown> = {}) =>
      unsigned(rows.find(isOf(scope))!, changes);
    const [sessionId] = account.sessionIds;
    const stranger = newId('agent');
    const forms: Record<string, Row> = {
      'a session without one': of('session', { session_id: null }),
      'an agent without one': of('agent', { agent_id: undefined }),
      'an account with a session': of('account', { session_id: sessionId, log_state: null }),
      'an account with an agent': of('account', { agent_id: account.agentId }),
      'a session with an agent': of('session', { agent_id: account.agentId }),
      'an account with a log state': of('account', { log_state: 'sealed' }),
      'an account without an end': of('account', { until: null }),
      'a window that ends before it starts': of('agent', { since: '2031-01-01T00:00:00.000Z' }),
      'a CSV on a session': of('session', { format: 'csv' }),
      'an agent that does not exist': of('agent', { agent_id: stranger, format: null }),
      'a session’s report of another time': of('session', { since: '2031-01-01T00:00:00.000Z' }),
      'an account’s that nobody signed': of('account'),
      'an account’s in an old form, newer than the first signed': of('account', { format: null }),
      'an id of a time that none has': of('account', { id: `rep_${'Z'.repeat(26)}` }),
      'no user': of('session', { user_id: '' }),
      'a user of 3 MB': of('session', { user_id: 'x'.repeat(3_000_000) }),
      'a user with NUL': of('session', { user_id: 'usr_\u0000<script>' }),
    };
    for (const [what, row] of Object.entries(forms)) {
      const { code, said, stored } = await importRows(t, whole, `form ${what}`, [...rows, row]);
      assert.equal(code, 2, what);
      assert.match(said, /^refused reports\.ndjson:5: .+/m, what);
      assert.doesNotMatch(said, /<script>|xxx|2031/, what);
      assert.equal(stored.length, 4, what);
    }
  });

  it('a report over a window that ends as it begins is taken', async (t) => {
    const account = await createSmallAccount(t);
    const at = new Date('2026-06-01T00:00:00Z');
    const { id } = await recordWide(account, {
      scope: 'account',
      format: 'json',
      since: at,
      until: at,
      size: 0,
    });
    await account.keep();
    const { code, stdout, stderr, world } = await importTwice(t, await account.exportTo('empty window'));
    assert.equal(code, 0, stdout + stderr);
    const stored = world.db.collection<Row & { _id: string }>('reports');
    assert.equal((await stored.findOne({ _id: id }))?.scope, 'account');
  });

  it('a row that nobody signed is taken on where its session’s log gives its root, or it is older than signatures', async (t) => {
    const { whole, rows } = await exportSmall(t);
    const old = Date.parse('2026-06-08T00:00:00.000Z');
    const taken = [
      unsigned(rows.find(isOf('session'))!),
      unsigned(rows.find(isOf('account'))!, {
        ...{ id: newId('report', old), generated_at: new Date(old).toISOString() },
        ...{ format: null, csv_sha256: undefined },
      }),
    ];
    const { code, said, stored } = await importRows(t, whole, 'unsigned', [...rows, ...taken]);
    assert.equal(code, 0, said);
    assert.equal(stored.length, 6);
  });
});

describe('a ledger that cannot be read as it stands', () => {
  it('refuses the bundle before anything of it is stored', async (t) => {
    const { whole, rows } = await exportSmall(t);
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const faults: Record<string, readonly [file: string, bytes: Uint8Array | string]> = {
      'a row of another account': [
        'reports.ndjson',
        text.replace(/"account_id":"[^"]+"/, `"account_id":"${newId('account')}"`),
      ],
      'gzip data that is cut': ['reports.ndjson.gz', gzipSync(text).subarray(0, -20)],
      'bytes behind the gzip data': [
        'reports.ndjson.gz',
        Buffer.concat([gzipSync(text), Buffer.from('\0\0x')]),
      ],
      'UTF-16': ['reports.ndjson', Buffer.from(`\ufeff${text}`, 'utf16le')],
    };
    for (const [what, [file, bytes]] of Object.entries(faults)) {
      const dir = await changedCopy(whole, `unread ${what}`, {});
      await rm(join(dir, 'reports.ndjson'));
      await writeFile(join(dir, file), bytes);
      const { code, stdout, stderr, world } = await importTwice(t, dir);
      assert.equal(code, 2, `${what}: ${stdout}${stderr}`);
      assert.match(stderr, /^refused: reports\.ndjson/, what);
      assert.equal(await countStored(world), 0, what);
    }
  });

  it('refuses rows with a member given twice, and with bytes that are no UTF-8', async (t) => {
    const { whole, rows } = await exportSmall(t);
    const [first, ...others] = rows.map((row) => JSON.stringify(row)) as [string, ...string[]];
    const twice = first.replace('"user_id":', '"user_id":"usr_other","user_id":');
    const { code, said, stored } = await importRows(t, whole, 'member twice', [twice, ...others]);
    assert.equal(code, 2);
    assert.match(said, /refused reports\.ndjson:1: is not JSON: Duplicate property name at offset \d+/);
    assert.equal(stored.length, 3);

    const dir = await changedCopy(whole, 'no UTF-8', {});
    const bytes = Buffer.from(`${[first, ...others].join('\n')}\n`);
    bytes[bytes.indexOf('"user_id":"') + 12] = 0xff;
    await writeFile(join(dir, 'reports.ndjson'), bytes);
    const broken = await importTwice(t, dir);
    assert.equal(broken.code, 2);
    assert.match(broken.stdout, /refused reports\.ndjson:1: is not UTF-8/);
  });

  it('refuses an account.json with a name given twice, or with bytes behind its gzip data', async (t) => {
    const { whole } = await exportSmall(t);
    const text = await readFile(join(whole, 'account.json'), 'utf8');
    const faults: readonly (readonly [file: string, bytes: Uint8Array | string])[] = [
      ['account.json', text.replace('"name":', '"name":"Another","name":')],
      ['account.json.gz', Buffer.concat([gzipSync(text), Buffer.from('\0\0evil')])],
    ];
    for (const [file, bytes] of faults) {
      const dir = await changedCopy(whole, `account ${file}`, {});
      await rm(join(dir, 'account.json'));
      await writeFile(join(dir, file), bytes);
      const { code, stderr, world } = await importTwice(t, dir);
      assert.equal(code, 1);
      assert.match(stderr, /account\.json cannot be read: it holds /);
      assert.equal(await countStored(world), 0);
    }
  });
});
