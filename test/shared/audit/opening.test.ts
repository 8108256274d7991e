import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { createAuditKey } from '../../../shared/audit/audit-keys.ts';
import { computeClosingKey } from '../../../shared/audit/closing.ts';
import {
  computeOpeningKey,
  computeOpeningMark,
  isEndMarked,
  judgeOpening,
} from '../../../shared/audit/opening.ts';

const KEY = Buffer.alloc(32, 7);
const FACTS = {
  accountId: 'acc_01KQGDBJ0084G7ZWYRD6Z1RV0W',
  agentId: 'agt_01KQGDBJ00Z1Y2KSAAE0CESPPX',
  sessionId: 'sess_01KQGDV4X5WPKSNZ7RRD0HCXTK',
  startedAt: new Date('2026-05-01T00:08:30.885Z'),
  policySha256Hex: '05c31c680938ba759ab9fb368068c4a6b8769ab09e77f8871da6aadb2191d8cf',
  keyId: 'k1',
  endedAt: null as Date | null,
  status: 'partial',
};
const TEXT =
  '{"account_id":"acc_01KQGDBJ0084G7ZWYRD6Z1RV0W","agent_id":"agt_01KQGDBJ00Z1Y2KSAAE0CESPPX","key_id":"k1",' +
  '"policy_sha256":"05c31c680938ba759ab9fb368068c4a6b8769ab09e77f8871da6aadb2191d8cf",' +
  '"session_id":"sess_01KQGDV4X5WPKSNZ7RRD0HCXTK","started_at":"2026-05-01T00:08:30.885Z"}';
const MARK = 'd4c24c288660aee77afb91ceeed374ec967aaa4f6db201a0489f15c44dbfa8dc';

const mark = (changed: Partial<typeof FACTS> = {}, key: Uint8Array = KEY) =>
  computeOpeningMark(computeOpeningKey(key), { ...FACTS, ...changed });

describe('an opening mark', () => {
  it('is the HMAC over canonical JSON, under a key that is derived for it', () => {
    const derived = createHmac('sha256', KEY).update('masker-opening/v1').digest();
    assert.equal(createHmac('sha256', derived).update(TEXT).digest('hex'), MARK);
    assert.equal(mark(), MARK);
  });

  it('is another for each other fact, and for another key', () => {
    const others = [
      mark({ accountId: 'acc_2' }),
      mark({ agentId: 'agt_2' }),
      mark({ sessionId: 'sess_2' }),
      mark({ startedAt: new Date('2026-05-01T00:08:30.886Z') }),
      mark({ policySha256Hex: '0'.repeat(64) }),
      mark({ keyId: 'k2' }),
      mark({}, Buffer.alloc(32, 8)),
    ];
    assert.equal(new Set([MARK, ...others]).size, 8);
  });

  it('has a key that is none of the others', () => {
    const { openingKey, closingKey } = createAuditKey({ id: 'k', bytes: KEY });
    assert.ok(openingKey.equals(computeOpeningKey(KEY)) && closingKey.equals(computeClosingKey(KEY)));
    assert.ok(!openingKey.equals(closingKey));
  });

  it('throws for a date that no text can be made of', () => {
    assert.throws(() => mark({ startedAt: new Date(Number.NaN) }), RangeError);
  });
});

describe("a session's mark", () => {
  const { sessionId: id, keyId, ...facts } = FACTS;
  const judge = (log: { seal?: string; opening?: string }, changed: Partial<typeof facts> = {}) =>
    judgeOpening(computeOpeningKey(KEY), { id, ...facts, ...changed, log: { keyId, seal: null, ...log } });

  it('matches, differs or is absent', () => {
    assert.equal(judge({ opening: MARK }), 'matches');
    assert.equal(judge({}), 'absent');
    const begun = new Date('2026-04-30T00:00:00Z');
    for (const found of [
      judge({ opening: MARK }, { startedAt: begun }),
      judge({ opening: 'ab'.repeat(32) }),
      judge({ opening: '' }),
      judge({ opening: MARK.toUpperCase() }),
    ]) {
      assert.equal(found, 'differs');
    }
  });

  it('is not asked for where a seal covers the facts', () => {
    for (const log of [{}, { opening: MARK }, { opening: 'x' }]) {
      assert.equal(judge({ seal: 'ff', ...log }), 'sealed');
    }
  });

  it('is over the end only of a session that came with it', () => {
    const endedAt = new Date('2026-05-01T00:10:00.000Z');
    const ended = { endedAt, status: 'ok' };
    const withEnd = mark(ended);
    assert.notEqual(withEnd, MARK);
    assert.equal(mark({ status: 'ok' }), MARK, 'nobody knows the status of an open session');
    const isMarked = (opening: string | undefined, changed: Partial<typeof facts>) =>
      isEndMarked(computeOpeningKey(KEY), {
        ...{ id, ...facts, ...changed },
        log: { keyId, seal: null, ...(opening !== undefined && { opening }) },
      });
    assert.ok(isMarked(withEnd, ended));
    for (const [opening, changed] of [
      [MARK, ended],
      [MARK, {}],
      [withEnd, {}],
      [undefined, ended],
      [withEnd, { ...ended, status: 'error' }],
      [withEnd, { ...ended, endedAt: new Date(0) }],
    ] as const) {
      assert.ok(!isMarked(opening, changed), JSON.stringify([opening, changed]));
    }
    assert.equal(judge({ opening: withEnd }, ended), 'matches');
    assert.equal(judge({ opening: MARK }, ended), 'matches', 'a log that lost its seal');
    assert.equal(judge({ opening: withEnd }, { ...ended, status: 'error' }), 'differs');
    assert.equal(judge({ opening: withEnd }), 'differs');
  });
});
