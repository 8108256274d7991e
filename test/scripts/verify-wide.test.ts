// `npm run verify` on reports over an agent and an account: the issued one on every axis, and false ones.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { runReport } from '../../scripts/issue-report.ts';
import { verifyReportFile } from '../../scripts/verify/report-file.ts';
import { runVerify } from '../../scripts/verify.ts';
import {
  canonicalize,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../../shared/audit/canonical-json.ts';
import { newId } from '../../shared/audit/ids.ts';
import { SIGNING_ENV } from '../support/account-logs.ts';
import { bundleDir } from '../support/bundles.ts';
import { clinic, createImportWorld, type ImportWorld } from '../support/import-world.ts';
import { runHere } from '../support/run-here.ts';
import { editSegment } from '../support/segments.ts';

const WEEK = ['--since', '2026-05-01T00:00:00Z', '--until', '2026-05-08T00:00:00Z'];
const AGENT = clinic.windows.find(({ scope }) => scope === 'agent')?.agent_id as string;

const releases: (() => Promise<void>)[] = [];
let world: ImportWorld;
let dir: string;
let issued: { account: string; agent: string };

before(async () => {
  const imports = await createImportWorld({
    after: (release: () => Promise<void>) => releases.push(release),
  } as never as TestContext);
  world = { ...imports, env: { ...imports.env, ...SIGNING_ENV } };
  dir = await mkdtemp(join(tmpdir(), 'masker-evidence-verify-wide-'));
  releases.push(() => rm(dir, { recursive: true, force: true }));
  assert.equal((await world.importDir(bundleDir('clinic-week'))).code, 0);
  const make = async (name: string, ...more: string[]) => {
    const file = join(dir, name);
    const args = ['--account', clinic.account_id, ...WEEK, '--output', file, ...more];
    const { code, stderr } = await runHere(runReport, args, world.env);
    assert.equal(code, 0, stderr);
    return file;
  };
  issued = { account: await make('account.json'), agent: await make('agent.json', '--agent', AGENT) };
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

async function verify(file: string, env = world.env) {
  const { code, stdout, stderr } = await runHere(runVerify, [file, '--json'], env);
  const axes = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { axis: string; status: string; detail: string });
  return { code, stderr, axes, status: Object.fromEntries(axes.map(({ axis, status }) => [axis, status])) };
}

/** As `verify`, in this process: a process of its own takes two seconds to start. */
async function verifyHere(file: string) {
  const before = { ...process.env };
  const lines: string[] = [];
  const log = console.log;
  // One thread starts in half the time of two.
  Object.assign(process.env, world.env, { REPORT_THREADS: '1' });
  console.log = (line: string) => lines.push(line);
  try {
    const code = await verifyReportFile(file, true);
    const axes = lines.map((line) => JSON.parse(line) as { axis: string; status: string; detail: string });
    return { code, axes, status: Object.fromEntries(axes.map(({ axis, status }) => [axis, status])) };
  } finally {
    console.log = log;
    process.env = before;
  }
}

const ALL = {
  schema: 'verified',
  policy: 'verified',
  log: 'verified',
  report: 'verified',
  ledger: 'verified',
};

/** The issued report on the account, changed and written as our program writes it. */
async function forge(change: (report: JsonObject) => void): Promise<string> {
  const envelope = parseJson(await readFile(issued.account, 'utf8')) as JsonObject;
  change(envelope.get('report') as JsonObject);
  const file = join(dir, 'forged.json');
  await writeFile(file, canonicalize(envelope));
  return file;
}

const rowsOf = (report: JsonObject, name: string) => report.get(name) as JsonObject[];
const add = (row: JsonObject, name: string, by: number) => row.set(name, (row.get(name) as number) + by);

describe('verify on a report over many sessions', () => {
  it('verifies what was issued on every axis, and exits 0', async () => {
    for (const file of Object.values(issued)) {
      const { code, status } = await verify(file);
      assert.deepEqual([code, status], [0, ALL]);
    }
  });

  const forgeries: [what: string, axis: string, change: (report: JsonObject) => void][] = [
    ['another total', 'report', (report) => add(report, 'redaction_count', 1)],
    ['another root', 'report', (report) => report.set('merkle_root_hex', 'ab'.repeat(32))],
    [
      'a session left out, its totals and the root as they were',
      'report',
      (report) => report.set('sessions', rowsOf(report, 'sessions').slice(1) as JsonValue),
    ],
    [
      'redactions moved from one session to another of its agent and day',
      'report',
      (report) => {
        const rows = rowsOf(report, 'sessions');
        const key = (row: JsonObject) =>
          `${row.get('agent_id')}${(row.get('started_at') as string).slice(0, 10)}`;
        const pair = [...Map.groupBy(rows, key).values()].find(
          (found) => found.length > 1 && (found[0]?.get('redactions') as number) > 0,
        ) as JsonObject[];
        add(pair[0] as JsonObject, 'redactions', -1);
        add(pair[1] as JsonObject, 'redactions', 1);
      },
    ],
    [
      'a kind renamed',
      'report',
      (report) => {
        const kinds = report.get('redactions_by_kind') as Map<string, number>;
        kinds.set('VIN', kinds.get('SSN') as number);
        kinds.delete('SSN');
      },
    ],
    [
      'another day',
      'report',
      (report) => {
        const days = rowsOf(report, 'redactions_by_day');
        add(days[0] as JsonObject, 'redactions', -1);
        add(days[1] as JsonObject, 'redactions', 1);
      },
    ],
    [
      'a window of more days than any report has',
      'report',
      (report) => (report.get('window') as JsonObject).set('since', '2024-05-01T00:00:00Z'),
    ],
    [
      'a window that ends before it begins',
      'policy',
      (report) => (report.get('window') as JsonObject).set('since', '2026-06-01T00:00:00Z'),
    ],
    [
      'a time zone that there is not',
      'report',
      (report) => (report.get('window') as JsonObject).set('tz', 'Mars/Olympus'),
    ],
    [
      'a period that its window is not',
      'report',
      (report) => (report.get('window') as JsonObject).set('period', '2026-04'),
    ],
    [
      'another text of a policy',
      'policy',
      (report) => (rowsOf(report, 'policies')[0] as JsonObject).set('text', 'x: 1\n'),
    ],
    [
      'coverage that the policies do not give',
      'policy',
      (report) => (report.get('safe_harbor_coverage') as JsonObject).set('R_other', 'full'),
    ],
    ['another time', 'ledger', (report) => report.set('generated_at', '2026-05-09T00:00:00Z')],
    ['an id that was never issued', 'ledger', (report) => report.set('id', newId('report'))],
    [
      'another account',
      'report',
      (report) => (report.get('account') as JsonObject).set('id', newId('account')),
    ],
  ];
  for (const [what, axis, change] of forgeries)
    it(`fails a report with ${what}, on the axis ${axis}`, async () => {
      const { code, axes, status } = await verifyHere(await forge(change));
      assert.equal(code, 2, JSON.stringify(axes));
      assert.equal(status[axis], 'failed', JSON.stringify(axes));
      assert.ok(status.log !== 'failed', 'nothing that a file states makes a log fail');
    });

  it('fails a report of which its row in the ledger says otherwise, and names what', async () => {
    const { report } = JSON.parse(await readFile(issued.agent, 'utf8'));
    const rows = world.db.collection<{ _id: string }>('reports');
    const row = await rows.findOne({ _id: report.id });
    const ISSUED = 'these bytes were issued, as a statement signed by this deployment says';
    for (const [field, value, name] of [
      ['user_id', newId('user'), 'who asked'],
      ['agent_id', newId('agent'), 'agent'],
      ['since', new Date(0), 'start'],
      ['until', null, 'end'],
    ] as const) {
      await rows.replaceOne({ _id: report.id }, { ...row, [field]: value });
      const { code, axes } = await verify(issued.agent);
      const found = axes.find(({ axis }) => axis === 'ledger')?.detail;
      const line = `${ISSUED}; its row in the ledger was changed since: ${name}`;
      assert.deepEqual([code, found], [2, line], field);
    }
    await rows.replaceOne({ _id: report.id }, row as object);
    assert.equal((await verify(issued.agent)).code, 0);
  });

  it('says without a database what follows from the report itself', async () => {
    const away = { ...world.env, MONGODB_URI: 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300' };
    const forged = await verify(
      await forge((report) => report.set('merkle_root_hex', 'ab'.repeat(32))),
      away,
    );
    const { schema, policy, log, report, ledger } = forged.status;
    assert.deepEqual(
      [forged.code, schema, policy, report, log, ledger],
      [2, 'verified', 'verified', 'failed', 'unverifiable', 'unverifiable'],
    );
  });

  // Last: it damages a log.
  it('says of the log, and not of the report, that a log failed since', async () => {
    const [id] = Object.keys(clinic.sessions) as [string];
    await editSegment(world.db, { accountId: clinic.account_id, id }, 0, (texts) =>
      texts.with(0, (texts[0] as string).replace('"MSKV1"', '"MSKV9"')),
    );
    const { code, axes, status } = await verify(issued.account);
    assert.deepEqual([code, status.log, status.report], [2, 'failed', 'unverifiable'], JSON.stringify(axes));
    assert.match(axes.find(({ axis }) => axis === 'log')?.detail ?? '', new RegExp(`${id} altered at seq 0`));
  });
});
