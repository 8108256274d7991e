// Cases of test/data/cases whose outcome shows in a report.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runImport } from '../../scripts/import.ts';
import type { ReportOnWire } from '../../shared/reports/report-schema.ts';
import { readExpected } from '../support/bundles.ts';
import { caseDir } from '../support/cases.ts';
import { WITH_CHROMIUM } from '../support/chromium.ts';
import { commandEnv } from '../support/commands.ts';
import { openTestDatabase } from '../support/mongo.ts';
import { runPoppler, storePdf } from '../support/pdf-tools.ts';
import { runHere } from '../support/run-here.ts';
import { startApp } from '../support/start-app.ts';

/** Imports a case as an operator would. The function returned fetches a report on a session of it. */
async function serveCase(t: TestContext, name: string, accountId: string) {
  const database = await openTestDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-case-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const { audit_keys: auditKeys } = await readExpected('clinic-week');
  const env = commandEnv(database, dataDir, auditKeys);
  const { code, stdout, stderr } = await runHere(runImport, [caseDir(name)], env);
  assert.equal(code, 0, stdout + stderr);
  const app = await startApp(t, { AUDIT_KEYS: auditKeys }, { database });
  const cookie = await app.login(accountId);
  return async (sessionId: string, format: 'json' | 'pdf') => {
    const response = await app.get(`/api/v1/sessions/${sessionId}/report?format=${format}`, cookie);
    const body = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200, body.toString());
    return body;
  };
}

test(
  'typo: the report lists the keys of the policy that are not known, in JSON and in the PDF',
  WITH_CHROMIUM,
  async (t) => {
    const fetchReport = await serveCase(t, 'typo', 'acc_01KT07NV00VZM71GZ7YN3CVGWV');
    const id = 'sess_01KT07NV006YZY7TDQAH1JW53H';
    const { report } = JSON.parse((await fetchReport(id, 'json')).toString()) as { report: ReportOnWire };
    assert.deepEqual(
      report.safe_harbor_detail.unread_policy_keys.map(({ nearest }) => nearest),
      ['enabled', 'confidence_threshold', null, 'log_events', 'retention_days'],
    );
    const file = await storePdf(t, await fetchReport(id, 'pdf'));
    const text = await runPoppler(t, 'pdftotext', [file, '-']);
    assert.match(
      text ?? '',
      /Keys of the policy that are not known[^.]*entities\.SSN\.enable\s\(near\senabled\)/,
    );
  },
);

test(
  'names: the PDF prints names that hold a control character, as its code point',
  WITH_CHROMIUM,
  async (t) => {
    const fetchReport = await serveCase(t, 'names', 'acc_01KT07NV0052ZD1GF1FP6876PG');
    for (const [id, name] of [
      ['sess_01KT07NV00Q4YJVNM3EB28554S', /desk‹U\+0000›bot/],
      ['sess_01KT07NV00A4DE61F79R4GJ55G', /gpt‹U\+0000›x/],
      ['sess_01KT07NV00Z763SV20TXQJYVQG', /gpt-4o-mini/],
    ] as const) {
      const file = await storePdf(t, await fetchReport(id, 'pdf'));
      assert.match((await runPoppler(t, 'pdftotext', [file, '-'])) ?? '', name);
    }
  },
);
