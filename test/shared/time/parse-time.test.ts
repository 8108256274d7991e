import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { assertRecordable, parseExactTime, parseTime } from '../../../shared/time/parse-time.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import { IMPOSSIBLE_OFFSETS, IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';

const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
const anyTime = fc.date({ min: new Date(FIRST_MS), max: new Date(LAST_MS), noInvalidDate: true });

describe('a time from outside', () => {
  it('may have 0 to 9 fraction digits and an offset', () => {
    const times = {
      '2026-05-03T21:14:32Z': '2026-05-03T21:14:32.000Z',
      '2026-05-03T21:14:32.7Z': '2026-05-03T21:14:32.700Z',
      '2026-05-03T21:14:32.569Z': '2026-05-03T21:14:32.569Z',
      '2026-05-03T21:14:32.794000000Z': '2026-05-03T21:14:32.794Z',
      '2026-05-03T21:14:32+00:00': '2026-05-03T21:14:32.000Z',
      '2026-05-03T21:14:32+02:00': '2026-05-03T19:14:32.000Z',
      '2026-05-03T21:14:32.5-05:30': '2026-05-04T02:44:32.500Z',
      '2026-03-01T00:00:00+23:59': '2026-02-28T00:01:00.000Z',
      '2028-02-29T00:00:00Z': '2028-02-29T00:00:00.000Z',
      '2000-02-29T00:00:00Z': '2000-02-29T00:00:00.000Z',
      '0000-01-01T00:00:00Z': '0000-01-01T00:00:00.000Z',
      '0099-12-31T00:00:00Z': '0099-12-31T00:00:00.000Z',
      '9999-12-31T23:59:59.999Z': '9999-12-31T23:59:59.999Z',
    };
    for (const [text, expected] of Object.entries(times)) assert.equal(read(text), expected, text);
  });

  it('rounds up past the millisecond, so that a bound between two milliseconds stays between them', () => {
    assert.equal(read('2026-05-03T21:14:32.794000001Z'), '2026-05-03T21:14:32.795Z');
    assert.equal(read('2026-12-31T23:59:59.999999999Z'), '2027-01-01T00:00:00.000Z');
  });

  it('reads every millisecond of a second exactly', () => {
    for (let ms = 0; ms < 1000; ms++) {
      const text = `2026-05-03T21:14:32.${String(ms).padStart(3, '0')}Z`;
      assert.equal(read(text), text);
    }
  });

  it('is refused with the part that no calendar or clock has, and never rolled over to another day', () => {
    for (const [fault, texts] of Object.entries({ ...IMPOSSIBLE_TIMES, ...IMPOSSIBLE_OFFSETS })) {
      for (const text of texts) {
        assert.deepEqual(parseTime(text), { ok: false, fault }, text);
        assert.deepEqual(parseExactTime(text), { ok: false, fault }, text);
      }
    }
    assert.deepEqual(parseTime('9999-12-31T23:59:59.999000001Z'), { ok: false, fault: 'year' });
  });

  it('is refused in any other spelling', () => {
    const others = [
      '',
      '2026-05-03',
      '2026-05-03T21:14:32',
      '2026-05-03T21:14Z',
      '2026-05-03 21:14:32Z',
      '2026-05-03T21:14:32 02:00',
      '2026-05-03T21:14:32+0200',
      '2026-05-03T21:14:32+02',
      '2026-05-03T21:14:32.Z',
      '2026-05-03T21:14:32,5Z',
      '2026-05-03T21:14:32.1234567890Z',
      '2026-05-03T21:14:32z',
      '2026-05-03t21:14:32Z',
      '+002026-05-03T21:14:32Z',
      '-0001-05-03T21:14:32Z',
      '2026-W18-7T21:14:32Z',
      '2026-123T21:14:32Z',
      '２026-05-03T21:14:32Z',
      '2026−05−03T21:14:32Z',
      ' 2026-05-03T21:14:32Z',
      '2026-05-03T21:14:32Z\n',
      '2026-05-03T21:14:32Z[UTC]',
      '1777842872',
      'Sun, 03 May 2026 21:14:32 GMT',
    ];
    for (const text of others) {
      assert.deepEqual(parseTime(text), { ok: false, fault: 'form' }, JSON.stringify(text));
    }
  });

  it('comes back from its own presentation unchanged', () => {
    fc.assert(
      fc.property(anyTime, (time) => {
        assert.deepEqual(parseTime(presentTime(time)), { ok: true, time });
        assert.deepEqual(parseExactTime(time.toISOString()), { ok: true, time });
      }),
    );
  });

  it('is taken exactly where Temporal takes it without rolling over, and is the same instant', () => {
    const digits = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
    const year = fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, '0'));
    const offset = fc.oneof(
      fc.constant('Z'),
      fc.tuple(fc.constantFrom('+', '-'), digits(25), digits(61)).map(([s, h, m]) => `${s}${h}:${m}`),
    );
    const fraction = fc.option(fc.stringMatching(/^\d{1,9}$/), { nil: undefined });
    const parts = fc.tuple(
      year,
      digits(14),
      digits(33),
      digits(25),
      digits(61),
      digits(61),
      fraction,
      offset,
    );
    fc.assert(
      fc.property(parts, ([y, mo, d, h, mi, s, f, o]) => {
        const text = `${y}-${mo}-${d}T${h}:${mi}:${s}${f === undefined ? '' : `.${f}`}${o}`;
        const parsed = parseTime(text);
        assert.equal(parsed.ok ? parsed.time.getTime() : null, byTemporal(text), text);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a time that is kept as evidence', () => {
  it('has no digits past the millisecond but zeros, since rounding would change what was recorded', () => {
    assert.deepEqual(parseExactTime('2026-05-03T21:14:32.794000Z'), parseTime('2026-05-03T21:14:32.794Z'));
    assert.deepEqual(parseExactTime('2026-05-03T23:14:32.5+02:00'), parseTime('2026-05-03T21:14:32.500Z'));
    for (const fraction of ['7941', '794000001', '0009']) {
      const text = `2026-05-03T21:14:32.${fraction}Z`;
      assert.deepEqual(parseExactTime(text), { ok: false, fault: 'fraction' }, text);
    }
  });

  it('is valid and has a year of four digits', () => {
    for (const ms of [FIRST_MS, LAST_MS]) assertRecordable('endedAt', new Date(ms));
    const error = new RangeError('endedAt must be a time in the years 0000 to 9999, UTC');
    for (const ms of [FIRST_MS - 1, LAST_MS + 1, Number.NaN]) {
      assert.throws(() => assertRecordable('endedAt', new Date(ms)), error);
    }
  });
});

function read(text: string): string | null {
  const parsed = parseTime(text);
  return parsed.ok ? parsed.time.toISOString() : null;
}

/** Unix milliseconds, rounded up, by an independent reader; null for what it refuses, and for the rules of our own. */
function byTemporal(text: string): number | null {
  // Temporal takes second 60 for 59, and the offset -00:00.
  if (text.slice(17, 19) > '59' || /-00:00$/.test(text)) return null;
  try {
    const local = Temporal.PlainDateTime.from(text.replace(/(Z|[+-]\d\d:\d\d)$/, ''), { overflow: 'reject' });
    const instant = Temporal.Instant.from(text);
    assert.equal(local.toString().slice(0, 16), text.slice(0, 16));
    const ns = instant.epochNanoseconds;
    // Division of big integers cuts towards zero.
    const ms = Number((ns > 0n ? ns + 999_999n : ns) / 1_000_000n);
    return ms >= FIRST_MS && ms <= LAST_MS ? ms : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
