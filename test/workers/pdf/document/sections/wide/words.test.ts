import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeWideReport } from '../../../../../../shared/reports/compose-wide.ts';
import type { WindowFacts } from '../../../../../../shared/reports/window-facts.ts';
import { draftOf, textOf } from '../../../../../support/report-documents.ts';
import { wideFacts } from '../../../../../support/wide-facts.ts';

/** The text of the pages by section, the cover first. */
function pagesOf(facts: WindowFacts): string[] {
  const composed = composeWideReport(facts);
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  return draftOf(Buffer.from(composed.json)).html.split('<section').map(textOf);
}

test('says of a window whose logs all are wrong that it holds sessions, wherever there is nothing to show', () => {
  const [cover = '', ...sections] = pagesOf(wideFacts(3, 2));
  assert.match(cover, /Sessions0 verified, of 3 in the window/);
  const none = "None of the window's 3 sessions is verified.";
  for (const title of ['By agent', 'Policies in force', 'How to check this report', 'Appendix: sessions']) {
    const section = sections.find((text) => text.includes(`. ${title}\n`));
    assert.ok(section?.includes(none), title);
  }
  assert.doesNotMatch([cover, ...sections].join(''), /The window is empty|No agent had a session/);
});

test('says of an empty window that it holds no session', () => {
  const [cover, ...sections] = pagesOf(wideFacts(0));
  assert.match(cover ?? '', /Audit logsThe window holds no session\./);
  assert.equal(sections.filter((text) => text.includes('The window holds no session.')).length > 3, true);
});

test('states unsealed and open logs beside failed ones on the first page', () => {
  const facts = wideFacts(300, 3);
  const sessions = facts.walked.sessions.map((session, i) =>
    i < 2 ? { ...session, state: 'open' as const, endedAt: null, status: 'partial' as const } : session,
  );
  const pages = pagesOf({ ...facts, walked: { ...facts.walked, sessions } });
  const verdict =
    '3 of 300 logs failed verification; 1 of 300 could not be checked; 10 unsealed: their tails may have been cut; 2 open.';
  const told = pages.filter((text) => text.includes(verdict));
  assert.deepEqual(
    told
      .map((text) => /\d+\. .*/.exec(text)?.[0] ?? 'cover')
      .map((title) => title.replace(/^.*?(\d+\. )/, '$1')),
    ['cover'],
  );
});

test('says how many audit keys are printed where there are more', () => {
  const facts = wideFacts(300);
  const sessions = facts.walked.sessions.map((session, i) => ({ ...session, keyId: `k_${i % 150}` }));
  const text = pagesOf({ ...facts, walked: { ...facts.walked, sessions } }).join('');
  assert.match(text, /Verified logs by audit key, the first 10 of 150/);
});

/** A month of which a day and an hour are still to come when the report is made. */
function factsSoFar(total: number): WindowFacts {
  return { ...wideFacts(total), generatedAt: new Date('2026-09-29T23:00:00Z') };
}

test('says of a window that is not over that it was not, on the first page, among the alerts and of its completeness', () => {
  const [cover = '', ...sections] = pagesOf(factsSoFar(20));
  assert.match(cover, /Audit logsAll 20 logs verified; the window was not over\./);
  assert.match(cover, /Alerts2: Window not over; Logging incomplete\./);
  const extent =
    'The window was not over when this report was made: sessions that start later in it are in no figure of this report.';
  assert.deepEqual(
    sections.filter((text) => text.includes(extent)).map((text) => /\d+\. .*/.exec(text)?.[0]),
    ['1. Executive summary', '12. Audit-log integrity and completeness'],
  );
});

test('says of an empty window that is not over that it holds no session so far', () => {
  const [cover = '', ...sections] = pagesOf(factsSoFar(0));
  assert.match(cover, /Audit logsThe window holds no session; the window was not over\./);
  assert.equal(
    sections.filter((text) => text.includes('The window holds no session so far.')).length > 3,
    true,
  );
});
