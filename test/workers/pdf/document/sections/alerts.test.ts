import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { timesOf } from '../../../../support/entry-times.ts';
import { policyFile } from '../../../../support/policies.ts';
import { documentOf, textOf } from '../../../../support/report-documents.ts';
import { factsOf } from '../../../../support/report-facts.ts';

const { counts } = factsOf().verdict;

describe('alerts', () => {
  const alertsOf = (change: Parameters<typeof documentOf>[0]) =>
    [...documentOf(change).matchAll(/<li><span class="strong">(.*?)\.<\/span>/g)].map((match) => match[1]);
  const quiet = { ...counts, rehydrationFailureCount: 0 };
  const logging = policyFile('healthcare-default@1').replace('log_payloads: false', 'log_payloads: true');
  const calm = { policyText: logging, verdict: { counts: quiet, rehydrationFailures: [] } };

  test('gives no alert where no condition calls for one', () => assert.deepEqual(alertsOf(calm), []));
  test('alerts on a rehydration failure', () =>
    assert.deepEqual(alertsOf({ policyText: logging }), ['1 rehydration failure']));
  test('alerts on a log that is unsealed', () =>
    assert.deepEqual(alertsOf({ ...calm, verdict: { ...calm.verdict, state: 'unsealed' } }), [
      'Log unsealed',
    ]));
  test('alerts on a log that is open', () =>
    assert.deepEqual(alertsOf({ ...calm, verdict: { ...calm.verdict, state: 'open' } }), ['Log still open']));
  test('alerts on a reload of the policy', () =>
    assert.deepEqual(alertsOf({ ...calm, verdict: { ...calm.verdict, policyReloads: [2] } }), [
      'Policy reloaded 1 time',
    ]));
  test('alerts on a kind that passes through', () =>
    assert.deepEqual(alertsOf({ ...calm, policyText: logging.replace('redact}', 'passthrough}') }), [
      '1 kind not masked',
    ]));
  test('alerts on times that do not fit together, with the place in the log', () => {
    const from = '2026-05-02T21:07:54.520Z';
    const times = timesOf([from, '2026-05-02T19:07:54.519Z', '2026-05-02T22:07:54.521Z', from]);
    const change = {
      ...calm,
      session: { endedAt: new Date('2026-05-02T21:07:53.5Z') },
      verdict: { ...calm.verdict, times },
    };
    assert.deepEqual(alertsOf(change), [
      'End before the start',
      'Times that go back',
      'Entry before the session',
      'Entry after the session',
    ]);
    const text = textOf(documentOf(change));
    assert.match(text, /the duration is 0\. By 1\.02 s\./);
    assert.match(text, /never the clock\. 2 entries, the first at sequence 1\. By at most 2 h 0\.001 s\./);
    assert.match(
      text,
      /before the session\. Entry at sequence 1\. Dated 2026-05-02 19:07:54\.519 UTC\. By 1 h 59 min 58\.981 s\./,
    );
  });
  test('alerts on a session and an entry that are after the report', () => {
    const [startedAt, endedAt] = [new Date('2027-05-01T00:00:00Z'), new Date('2027-05-01T00:10:00Z')];
    const times = timesOf(['2027-05-01T00:05:00.000Z']);
    const change = { ...calm, session: { startedAt, endedAt }, verdict: { ...calm.verdict, times } };
    assert.deepEqual(alertsOf(change), [
      'Start after this report',
      'End after this report',
      'Entry after this report',
    ]);
  });
  test('alerts on logging that is off', () =>
    assert.deepEqual(alertsOf({ ...calm, policyText: policyFile('healthcare-default@1') }), [
      'Logging incomplete',
    ]));
  test('alerts on a kind that the catalogue does not know', () =>
    assert.deepEqual(
      alertsOf({
        ...calm,
        verdict: { ...calm.verdict, counts: { ...quiet, redactionsByKind: [['SHOE_SIZE', 1]] } },
      }),
      ['1 kind not in the catalogue'],
    ));
});
