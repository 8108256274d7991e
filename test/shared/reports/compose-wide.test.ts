import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeWideReport } from '../../../shared/reports/compose-wide.ts';
import { completeness } from '../../../shared/reports/window-completeness.ts';
import { buildWideReport } from '../../../shared/reports/window-report.ts';
import { wideFacts, wideSessionId } from '../../support/wide-facts.ts';

function statementOf(total: number, failed: number): string {
  const composed = composeWideReport(wideFacts(total, failed));
  assert.ok(composed.ok);
  return composed.report.sample_transcripts.statement;
}

function reportAt(at: string) {
  const composed = composeWideReport({ ...wideFacts(0), generatedAt: new Date(at) });
  assert.ok(composed.ok);
  return composed.report;
}

test('the window is said to hold no session only where it holds none, not where no log is verified', () => {
  assert.match(statementOf(0, 0), /^none: the window holds no session$/);
  assert.match(statementOf(3, 2), /^none: no session that was looked at/);
});

test('a report says in its alerts how long its window still went on', () => {
  const { time_alerts: times, completeness } = reportAt('2026-09-30T23:00:00Z');
  assert.deepEqual(times.window, [{ code: 'window_not_over', by_ms: 3_600_000 }]);
  assert.match(completeness.extent, /^The window was not over/);
});

test('a report that was made when its window ended, or later, has no alert about it', () => {
  for (const at of ['2026-10-01T00:00:00Z', '2026-10-02T00:00:00Z']) {
    const { time_alerts: times, completeness } = reportAt(at);
    assert.deepEqual(times.window, []);
    assert.equal(completeness.extent, 'The window was over when this report was made.');
  }
});

test('the account log is said to hold what a window that is not over held so far', () => {
  const evidence = { checkpoint: '', logSize: 0, origin: 'log.example.org', verifierKey: '' };
  const accountLog = { evidence, entriesInWindow: 0, missing: [] };
  const facts = { ...wideFacts(0), accountLog };
  const stated = (at: string) => completeness({ ...facts, generatedAt: new Date(at) }).account_log;
  assert.match(stated('2026-10-01T00:00:00Z'), /^Every closed session of the window has its entry/);
  assert.match(stated('2026-09-30T23:00:00Z'), /^Every closed session that the window held so far has its/);
});

test('a window is incomplete where the account log has a session that is not stored any more', () => {
  const evidence = { checkpoint: '', logSize: 0, origin: 'log.example.org', verifierKey: '' };
  const verdictWith = (missing: readonly string[], failed = 0) => {
    const facts = { ...wideFacts(3, failed), accountLog: { evidence, entriesInWindow: 1, missing } };
    return buildWideReport(facts, []).audit_log.verdict;
  };
  assert.equal(verdictWith([]), 'verified');
  assert.equal(verdictWith([wideSessionId(7)]), 'incomplete');
  assert.equal(verdictWith([wideSessionId(7)], 1), 'failed');
});
