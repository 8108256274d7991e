import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeWideReport } from '../../../shared/reports/compose-wide.ts';
import { wideFacts } from '../../support/wide-facts.ts';

function statementOf(total: number, failed: number): string {
  const composed = composeWideReport(wideFacts(total, failed));
  assert.ok(composed.ok);
  return composed.report.sample_transcripts.statement;
}

test('the window is said to hold no session only where it holds none, not where no log is verified', () => {
  assert.match(statementOf(0, 0), /^none: the window holds no session$/);
  assert.match(statementOf(3, 2), /^none: no session that was looked at/);
});
