import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSessionOptions } from '../../../scripts/batch/options.ts';
import { UsageError } from '../../../scripts/command/command.ts';
import { TIME_FAULTS, type TimeFault } from '../../../shared/time/parse-time.ts';
import { IMPOSSIBLE_OFFSETS, IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';

describe('the options --since and --until of a command', () => {
  it('take a time with an offset', () => {
    const { selection } = parseSessionOptions({ since: '2026-05-03T02:00:00+02:00' }, []);
    assert.deepEqual(selection.since, new Date('2026-05-03T00:00:00Z'));
  });

  it('refuse a time that no calendar has, with the reason', () => {
    for (const name of ['since', 'until'] as const) {
      for (const [fault, texts] of Object.entries({ ...IMPOSSIBLE_TIMES, ...IMPOSSIBLE_OFFSETS })) {
        const expected = new UsageError(`--${name} ${TIME_FAULTS[fault as TimeFault]}.`);
        for (const text of texts)
          assert.throws(() => parseSessionOptions({ [name]: text }, []), expected, text);
      }
      const form = /--(since|until) takes <n>h, <n>d, or an ISO 8601 time such as/;
      assert.throws(() => parseSessionOptions({ [name]: 'tomorrow' }, []), form);
    }
  });
});
