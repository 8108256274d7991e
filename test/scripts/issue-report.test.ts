import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runReport } from '../../scripts/issue-report.ts';
import type { WideReport } from '../../shared/reports/report-schema.ts';
import { bundleDir, copyBundle } from '../support/bundles.ts';
import { runScript } from '../support/commands.ts';
import { clinic, createImportWorld, other } from '../support/import-world.ts';
import { runHere } from '../support/run-here.ts';
import { editSegment } from '../support/segments.ts';

const WEEK = ['--since', '2026-05-01T00:00:00Z', '--until', '2026-05-08T00:00:00Z'];
const ACCOUNT = ['--account', clinic.account_id];

describe('npm run report', () => {
  it('report writes what the API sends, into a file whose name says what it is about', async (t) => {
    const world = await createImportWorld(t);
    assert.equal((await world.importDir(bundleDir('clinic-week'))).code, 0);
    // An empty folder of the caller's.
    const { dir } = await copyBundle(t, 'other-clinic');
    const folder = join(dir, 'policies');
    const run = (...args: string[]) => runHere(runReport, args, { ...world.env, INIT_CWD: folder });
    const read = async (file: string) =>
      (JSON.parse(await readFile(join(folder, file), 'utf8')) as { report: WideReport }).report;

    const { code, stdout, stderr } = await run(...ACCOUNT, ...WEEK);
    assert.equal(code, 0, stderr);
    const name = `masker-account-${clinic.account_id}-2026-05-01-to-2026-05-08.json`;
    assert.match(stdout, new RegExp(`^Wrote .*${name}, [\\d,]+ bytes\n$`));
    const report = await read(name);
    assert.equal(report.merkle_root_hex, clinic.windows[0]?.merkle_root_hex);
    const row = await world.db.collection<{ _id: string }>('reports').findOne({ _id: report.id });
    assert.ok(row);

    const agent = clinic.windows.find(({ scope }) => scope === 'agent');
    assert.equal(
      (await run(...ACCOUNT, ...WEEK, '--agent', `${agent?.agent_id}`, '--output', 'agent.json')).code,
      0,
    );
    assert.equal((await read('agent.json')).merkle_root_hex, agent?.merkle_root_hex);
    assert.equal(
      (await run(...ACCOUNT, '--period', '2026-05', '--format', 'csv', '--output', 'may.csv')).code,
      0,
    );
    assert.equal((await readFile(join(folder, 'may.csv'), 'utf8')).split('\r\n').length, 122);
    const [sessionId, { merkle_root_hex: rootHex }] = Object.entries(clinic.sessions)[0]!;
    assert.equal((await run(...ACCOUNT, '--session', sessionId)).code, 0);
    assert.equal((await read(`masker-session-${sessionId}.json`)).merkle_root_hex, rootHex);

    // A log that failed refuses the report; nothing is written. Asked for, it is listed, and the exit code says so.
    await editSegment(world.db, { accountId: clinic.account_id, id: sessionId }, 0, (texts) =>
      texts.with(0, (texts[0] as string).replace('"MSKV1"', '"MSKV9"')),
    );
    const before = await readdir(folder);
    const refused = await run(...ACCOUNT, ...WEEK, '--output', 'refused.json');
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      new RegExp(`1 of the window's 120 logs are not verified.*${sessionId} altered at seq 0`),
    );
    assert.deepEqual(await readdir(folder), before);
    const listed = await run(...ACCOUNT, ...WEEK, '--exceptions', 'list', '--output', 'listed.json');
    assert.equal(listed.code, 2);
    assert.equal((await read('listed.json')).audit_log.verdict, 'failed');
    const without = { ...world.env, AUDIT_KEYS: other.audit_keys, INIT_CWD: folder };
    const args = [...ACCOUNT, ...WEEK, '--exceptions', 'list', '--output', 'unverifiable.json'];
    assert.equal((await runScript('issue-report.ts', args, without)).code, 1);
    const unverifiable = await read('unverifiable.json');
    assert.equal(unverifiable.audit_log.verdict, 'incomplete');
    assert.equal(unverifiable.completeness.sessions_unverifiable, 120);
  });

  it('report refuses what names no report, with the usage', async (t) => {
    const world = await createImportWorld(t);
    for (const args of [
      [],
      [...ACCOUNT, '--period', '2999'],
      [...ACCOUNT, '--since', '2999-01-01T00:00:00Z'],
      [...ACCOUNT, '--since', '2999-01-01T00:00:00Z', '--until', '2999-02-01T00:00:00Z'],
      [...ACCOUNT, '--period', '2026', '--since', '1d'],
      [...ACCOUNT, '--tz', 'Mars'],
      [...ACCOUNT, '--format', 'xml'],
      [...ACCOUNT, '--agent', 'agt_1'],
      [...ACCOUNT, '--session', 'sess_01KQGDBJ0000000000000000AA', '--format', 'csv'],
      [...ACCOUNT, '--session', 'sess_01KQGDBJ0000000000000000AA', '--period', '2026'],
    ]) {
      const { code, stderr } = await runHere(runReport, args, world.env);
      assert.equal(code, 64, args.join(' '));
      assert.match(stderr, /usage: npm run report/);
    }
  });
});
