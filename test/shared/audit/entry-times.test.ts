import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { composeTimes, NO_TIMES, TimeTrack } from '../../../shared/audit/entry-times.ts';
import { timesOf } from '../../support/entry-times.ts';

/** Times that differ anywhere in their text, often equal, often in order. */
const time = fc.oneof(
  fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  }),
  fc.integer({ min: 0, max: 3 }).map((ms) => new Date(Date.UTC(2026, 4, 2) + ms)),
  fc.integer({ min: 0, max: 9 }).map((hours) => new Date(Date.UTC(2026, 4, 2, hours))),
);
const log = fc.array(
  time.map((date) => date.toISOString()),
  { maxLength: 30 },
);

function track(texts: readonly string[], begin = 0) {
  const times = new TimeTrack();
  const bytes = Buffer.from(`#${texts.join('')}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [i, text] of texts.entries()) {
    if (i % 2 === 0) times.add(view, 1 + 24 * i, begin + i);
    else times.addText(text, begin + i);
  }
  return times.times();
}

describe('the times of a log', () => {
  it('are those that a naive reader finds, whether taken from bytes or from text', () => {
    fc.assert(
      fc.property(log, (texts) => assert.deepEqual(track(texts), timesOf(texts))),
      { numRuns: 500 },
    );
  });

  it('are the same for a log read in one stretch and in several', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 4 });
    fc.assert(
      fc.property(log, cuts, (texts, at) => {
        const ends = [...at.filter((cut) => cut < texts.length).sort((a, b) => a - b), texts.length];
        const stretches = ends.map((end, i) => {
          const begin = ends[i - 1] ?? 0;
          return { begin, times: track(texts.slice(begin, end), begin) };
        });
        assert.deepEqual(composeTimes(stretches), timesOf(texts));
      }),
      { numRuns: 500 },
    );
  });

  it('are none for an empty log', () => {
    assert.deepEqual(track([]), NO_TIMES);
    assert.deepEqual(composeTimes([]), NO_TIMES);
  });
});
