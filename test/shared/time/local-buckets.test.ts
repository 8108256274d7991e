import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Bucket, cutWindow, isTimeZone, ZONES } from '../../../shared/time/local-buckets.ts';

const LIMIT = 10_000;

/** Lengths in minutes. */
function lengths(since: string, until: string, bucket: Bucket, zone: string): number[] {
  const edges = cut(since, until, bucket, zone).map((edge) => Date.parse(edge));
  return edges.slice(1).map((edge, i) => (edge - edges[i]!) / 60_000);
}

function cut(since: string, until: string, bucket: Bucket, zone: string): string[] {
  const edges = cutWindow({ since: new Date(since), until: new Date(until) }, bucket, zone, LIMIT);
  return edges!.map((edge) => edge.toISOString());
}

describe('a window', () => {
  it('a window is cut at whole hours and days of UTC, and keeps its ends', () => {
    assert.deepEqual(cut('2026-05-02T10:20:00Z', '2026-05-02T12:00:00Z', 'hour', 'UTC'), [
      '2026-05-02T10:20:00.000Z',
      '2026-05-02T11:00:00.000Z',
      '2026-05-02T12:00:00.000Z',
    ]);
    assert.deepEqual(cut('2026-05-02T10:20:00Z', '2026-05-02T10:20:00.001Z', 'day', 'UTC'), [
      '2026-05-02T10:20:00.000Z',
      '2026-05-02T10:20:00.001Z',
    ]);
  });

  it('a window has days of 23 and 25 hours where clocks change', () => {
    const days = (since: string, until: string) => lengths(since, until, 'day', 'America/New_York');
    const [short, long] = [23 * 60, 25 * 60];
    assert.deepEqual(days('2026-03-07T05:00:00Z', '2026-03-10T04:00:00Z'), [1440, short, 1440]);
    assert.deepEqual(days('2026-10-31T04:00:00Z', '2026-11-03T05:00:00Z'), [1440, long, 1440]);
  });

  it('a window has a day without midnight where clocks skip it', () => {
    assert.deepEqual(cut('2018-11-03T12:00:00Z', '2018-11-06T00:00:00Z', 'day', 'America/Sao_Paulo'), [
      '2018-11-03T12:00:00.000Z',
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T02:00:00.000Z',
      '2018-11-06T00:00:00.000Z',
    ]);
  });

  it('a window steps over a day that a zone left out', () => {
    assert.deepEqual(
      lengths('2011-12-29T10:00:00Z', '2012-01-01T10:00:00Z', 'day', 'Pacific/Apia'),
      [1440, 1440, 1440],
    );
  });

  it('hours begin at the half hour where the offset has one', () => {
    assert.deepEqual(cut('2026-05-02T10:00:00Z', '2026-05-02T12:00:00Z', 'hour', 'Asia/Kolkata'), [
      '2026-05-02T10:00:00.000Z',
      '2026-05-02T10:30:00.000Z',
      '2026-05-02T11:30:00.000Z',
      '2026-05-02T12:00:00.000Z',
    ]);
  });

  it('a window has the hour twice that clocks repeat, and not the hour that they skip', () => {
    const hours = (since: string, until: string) => lengths(since, until, 'hour', 'America/New_York');
    assert.deepEqual(hours('2026-11-01T04:00:00Z', '2026-11-01T08:00:00Z'), [60, 60, 60, 60]);
    assert.deepEqual(hours('2026-03-08T05:00:00Z', '2026-03-08T08:00:00Z'), [60, 60, 60]);
  });

  it('a window has an hour of 90 minutes and one of 30 where clocks move by half an hour', () => {
    const hours = (since: string, until: string) => lengths(since, until, 'hour', 'Australia/Lord_Howe');
    assert.deepEqual(hours('2026-04-04T13:00:00Z', '2026-04-04T17:30:00Z'), [60, 90, 60, 60]);
    assert.deepEqual(hours('2026-10-03T13:30:00Z', '2026-10-03T17:00:00Z'), [60, 60, 30, 60]);
  });

  it('buckets ascend and have every whole hour in any zone, whatever its clocks did that century', () => {
    const zones = [
      'Africa/Monrovia',
      'America/Caracas',
      'Antarctica/Troll',
      'Asia/Kathmandu',
      'Europe/Dublin',
    ];
    for (const zone of zones) {
      for (const year of [1900, 1919, 1940, 1972, 1986, 2016]) {
        for (const month of ['01', '03', '05', '10']) {
          const found = lengths(
            `${year}-${month}-01T00:00:00Z`,
            `${year}-${month}-28T00:00:00Z`,
            'hour',
            zone,
          );
          assert.ok(
            found.every((length) => length > 0 && length <= 120),
            `${zone} ${year}`,
          );
          assert.equal(Math.round(found.reduce((sum, length) => sum + length, 0)), 27 * 1440);
        }
      }
    }
  });

  it('a window with too many buckets is refused', () => {
    const window = { since: new Date('2026-05-02T00:00:00Z'), until: new Date('2026-05-02T03:00:00Z') };
    assert.equal(cutWindow(window, 'hour', 'UTC', 3)?.length, 4);
    assert.equal(cutWindow(window, 'hour', 'UTC', 2), null);
    const ages = { since: new Date('0001-01-01T00:00:00Z'), until: new Date('9999-01-01T00:00:00Z') };
    assert.equal(cutWindow(ages, 'hour', 'Europe/Berlin', 10_000), null);
  });
});

describe('a time zone', () => {
  it('a time zone of the IANA database is accepted', () => {
    for (const zone of [
      'UTC',
      'Asia/Kolkata',
      'Asia/Calcutta',
      'Etc/GMT+5',
      'America/Argentina/Buenos_Aires',
      'EST5EDT',
    ])
      assert.ok(isTimeZone(zone), zone);
  });

  it('each zone that this Node lists has hours that can be cut', () => {
    const window = { since: new Date('2026-01-01T00:00:00Z'), until: new Date('2026-01-01T02:00:00Z') };
    for (const zone of ZONES) assert.ok(cutWindow(window, 'hour', zone, 10), zone);
  });

  it('an offset, a time or any other text is refused as a time zone', () => {
    for (const text of [
      '',
      '+05:30',
      '-03',
      'Z',
      'UTC+1',
      'GMT+5',
      '2020-01-01T00:00[Asia/Kolkata]',
      'Mars/Olympus',
      'UTC ',
    ])
      assert.ok(!isTimeZone(text), text);
  });
});
