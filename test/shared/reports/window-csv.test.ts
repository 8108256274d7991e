import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeWideReport } from '../../../shared/reports/compose-wide.ts';
import { windowCsv } from '../../../shared/reports/window-csv.ts';
import type { WindowFacts } from '../../../shared/reports/window-facts.ts';
import { loggedWindow } from '../../support/evidence-facts.ts';
import { wideFacts, wideSessionId } from '../../support/wide-facts.ts';

/** Session and verdict of each row. */
function verdictsOf(facts: WindowFacts): [string | undefined, string | undefined][] {
  const composed = composeWideReport(facts);
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  const [header, ...rows] = windowCsv(composed.report).trimEnd().split('\r\n');
  const at = header?.split(',').indexOf('verdict') ?? -1;
  return rows.map((row) => [row.split(',')[0], row.split(',')[at]]);
}

test('a session that the account log has and that is not stored has a row, as missing', async () => {
  const facts = await loggedWindow(wideFacts(2));
  assert.ok(facts.accountLog);
  const accountLog = { ...facts.accountLog, missing: [wideSessionId(7)] };
  assert.deepEqual(verdictsOf({ ...facts, accountLog }), [
    [wideSessionId(0), 'verified'],
    [wideSessionId(1), 'verified'],
    [wideSessionId(7), 'missing'],
  ]);
});

test('a session that was listed and is gone when the walk comes to it has a row, as gone', () => {
  const facts = wideFacts(3);
  const [first, ...sessions] = facts.walked.sessions;
  const walked = { ...facts.walked, sessions, gone: [first?.id ?? ''] };
  assert.deepEqual(verdictsOf({ ...facts, walked }), [
    [wideSessionId(0), 'gone'],
    [wideSessionId(1), 'verified'],
    [wideSessionId(2), 'verified'],
  ]);
});
