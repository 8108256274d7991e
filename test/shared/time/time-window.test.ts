import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSince, resolveSince } from '../../../shared/time/time-window.ts';

const now = new Date('2026-05-03T12:00:00.500Z');

test('a duration counts back from now in elapsed time', () => {
  const starts = {
    '1h': '2026-05-03T11:00:00.500Z',
    '24h': '2026-05-02T12:00:00.500Z',
    '7d': '2026-04-26T12:00:00.500Z',
    '366d': '2025-05-02T12:00:00.500Z',
    '8784h': '2025-05-02T12:00:00.500Z',
  };
  for (const [text, expected] of Object.entries(starts)) {
    const parsed = parseSince(text);
    assert.ok(parsed.ok, text);
    assert.equal(resolveSince(parsed.since, now).toISOString(), expected, text);
  }
});

test('durations of no length, past 366 days or in other units are refused', () => {
  for (const text of [
    '0h',
    '0d',
    '-1h',
    '1.5h',
    '367d',
    '8785h',
    '99999h',
    '1w',
    '1m',
    'h',
    '24',
    '1H',
    '1 h',
    '01h',
  ]) {
    assert.deepEqual(parseSince(text), { ok: false, fault: 'form' }, text);
  }
});

test('a time is taken as the start itself, with the text as it was given', () => {
  const text = '2026-05-03T21:14:32.5+02:00';
  const at = new Date('2026-05-03T19:14:32.500Z');
  assert.deepEqual(parseSince(text), { ok: true, since: { text, at } });
  assert.deepEqual(parseSince('2026-02-30T00:00:00Z'), { ok: false, fault: 'day' });
});
