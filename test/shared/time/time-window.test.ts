import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSince, parseTime, resolveSince } from '../../../shared/time/time-window.ts';

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
    const since = parseSince(text);
    assert.ok(since, text);
    assert.equal(resolveSince(since, now).toISOString(), expected, text);
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
    assert.equal(parseSince(text), null, text);
  }
});

test('a time may have 0 to 9 fraction digits and an offset', () => {
  const times = {
    '2026-05-03T21:14:32Z': '2026-05-03T21:14:32.000Z',
    '2026-05-03T21:14:32.7Z': '2026-05-03T21:14:32.700Z',
    '2026-05-03T21:14:32.569Z': '2026-05-03T21:14:32.569Z',
    '2026-05-03T21:14:32.794000000Z': '2026-05-03T21:14:32.794Z',
    '2026-05-03T21:14:32+02:00': '2026-05-03T19:14:32.000Z',
    '2026-05-03T21:14:32.5-05:30': '2026-05-04T02:44:32.500Z',
    '2028-02-29T00:00:00Z': '2028-02-29T00:00:00.000Z',
  };
  for (const [text, expected] of Object.entries(times)) {
    assert.equal(parseTime(text)?.toISOString(), expected, text);
  }
});

test('digits past the millisecond round up, so that a bound between two milliseconds stays between them', () => {
  assert.equal(parseTime('2026-05-03T21:14:32.794000001Z')?.toISOString(), '2026-05-03T21:14:32.795Z');
  assert.equal(parseTime('2026-12-31T23:59:59.999999999Z')?.toISOString(), '2027-01-01T00:00:00.000Z');
});

test('every millisecond of a second is read exactly', () => {
  for (let ms = 0; ms < 1000; ms++) {
    const text = `2026-05-03T21:14:32.${String(ms).padStart(3, '0')}Z`;
    assert.equal(parseTime(text)?.toISOString(), text);
  }
});

test('times that no calendar or clock has are refused', () => {
  const impossible = [
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+00:60',
  ];
  for (const text of impossible) assert.equal(parseTime(text), null, text);
});

test('times in other spellings are refused', () => {
  const others = [
    '',
    '2026-05-03',
    '2026-05-03T21:14:32',
    '2026-05-03 21:14:32Z',
    '2026-05-03T21:14:32 02:00',
    '2026-05-03T21:14:32.Z',
    '2026-05-03T21:14:32.1234567890Z',
    '2026-05-03T21:14:32z',
    '+002026-05-03T21:14:32Z',
    '２026-05-03T21:14:32Z',
    '2026-05-03T21:14:32Z\n',
    '1777842872',
  ];
  for (const text of others) assert.equal(parseTime(text), null, JSON.stringify(text));
});
