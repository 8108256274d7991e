import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReport, readStatedReport } from '../../../shared/reports/read-report.ts';
import { serializeReport } from '../../../shared/reports/report.ts';
import { IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';
import { issuedReport } from '../../support/issued-reports.ts';
import { REPORT_KINDS, reportJsonOf } from '../../support/report-documents.ts';
import { factsOf } from '../../support/report-facts.ts';

const TEXT = Buffer.from(reportJsonOf()).toString();

const refuses = (text: string | Uint8Array) =>
  assert.throws(() => readReport(Buffer.from(text)), { name: 'AppError', code: 'report_generation_failed' });

test('reads back what was written, to the byte', () => {
  for (const change of Object.values(REPORT_KINDS)) {
    const bytes = reportJsonOf(change);
    assert.equal(serializeReport(readReport(bytes)), Buffer.from(bytes).toString());
  }
});

test('keeps `__proto__` and integer-like names', () => {
  const { counts } = factsOf().verdict;
  const redactionsByKind = ['10', '9', '__proto__'].map((kind) => [kind, 1] as const);
  const report = readReport(reportJsonOf({ verdict: { counts: { ...counts, redactionsByKind } } }));
  assert.deepEqual([...report.redactions_by_kind.keys()], ['10', '9', '__proto__']);
});

test('refuses text that is not JSON', () => refuses(TEXT.slice(0, -1)));
test('refuses bytes that are not UTF-8', () =>
  refuses(Buffer.concat([Buffer.from(TEXT), Buffer.from([0xff])])));
test('refuses a byte order mark', () => refuses(`\ufeff${TEXT}`));
test('refuses JSON that is not canonical', () => refuses(` ${TEXT}`));
test('refuses a duplicate name', () => refuses(TEXT.replace('"account":', '"account":{},"account":')));
test('refuses a field that no report has', () => refuses(TEXT.replace('"account":', '"aa":1,"account":')));
test('refuses a field named `__proto__`', () =>
  refuses(TEXT.replace('"account":', '"__proto__":{},"account":')));
test('refuses a missing field', () => refuses(TEXT.replace(/"retention":\{[^}]*\},/, '')));
test('refuses a hash in capitals', () => refuses(TEXT.replace(/"end_hash":"f3/, '"end_hash":"F3')));
test('refuses a time that no calendar has, in a report of any revision', () => {
  const texts = Object.values(IMPOSSIBLE_TIMES)
    .flat()
    .map((text) => text.replace('.000Z', 'Z'));
  for (const text of texts) {
    refuses(TEXT.replace(/"generated_at":"[^"]*"/, `"generated_at":"${text}"`));
    refuses(TEXT.replace(/"first_ts":"[^"]*"/, `"first_ts":"${text}"`));
    for (const revision of [1, 2] as const) {
      const issued = Buffer.from(issuedReport(revision).json).toString();
      const forged = issued.replace(/"generated_at":"[^"]*"/, `"generated_at":"${text}"`);
      assert.throws(() => readStatedReport(Buffer.from(forged)), /a time that does not exist/, text);
    }
  }
});
test('refuses a sentence that no report contains', () => refuses(TEXT.replace('not configured', 'in order')));
test('refuses a count below zero', () =>
  refuses(TEXT.replace('"redactions_by_kind":{"NAME":1', '"redactions_by_kind":{"NAME":-1')));
test('refuses a count below zero under `__proto__` as well', () =>
  refuses(
    TEXT.replace(
      '"redactions_by_kind":{"NAME":1,"PHONE":1',
      '"redactions_by_kind":{"NAME":1,"PHONE":1,"__proto__":"1"',
    ),
  ));
