import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { REPORT_SCOPES } from '../../../shared/reports/subject.ts';
import { SESSION_STATUSES } from '../../../shared/sessions/session.ts';
import * as entries from '../../../shared/transparency/log-entry.ts';

const ULID = '01HZX3V7Q9W8R5T2Y4K6M8N0PA';
const ACCOUNT = `acc_${ULID}`;
const HASH = 'ab'.repeat(32);
const AT = new Date('2026-05-03T10:00:00Z');

const facts = {
  accountId: ACCOUNT,
  agentId: `agt_${ULID}`,
  sessionId: `sess_${ULID}`,
  startedAt: AT,
  endedAt: new Date('2026-05-03T10:01:00.5Z'),
  status: 'ok',
  policySha256Hex: HASH,
  keyId: 'k1',
  size: 3,
  headHashHex: HASH,
  rootHex: HASH,
};
const report = {
  id: `rep_${ULID}`,
  scope: 'session',
  sessionId: facts.sessionId,
  agentId: null,
  since: AT,
  until: null,
  rootHex: HASH,
  size: 3,
  generatedAt: AT,
  jsonSha256Hex: HASH,
  format: 'pdf',
} as const;
const KEY = Buffer.alloc(32, 1);

const TEXTS = {
  session_closed: entries.sessionClosedText(facts, HASH),
  policy_stored: entries.policyStoredText(ACCOUNT, { name: 'clinic', version: 2, sha256Hex: HASH }),
  report_issued: entries.reportIssuedText(ACCOUNT, report),
  session_purged: entries.sessionPurgedText(ACCOUNT, {
    sessionId: facts.sessionId,
    closedIndex: 5,
    reason: 'erasure',
    at: AT,
  }),
  key_changed: entries.keyChangedText(ACCOUNT, KEY, Buffer.alloc(32, 2)),
};

describe('entries of an account’s log', () => {
  it('have the texts of the format', () => {
    assert.deepEqual(TEXTS, {
      session_closed: `{"account_id":"${ACCOUNT}","agent_id":"agt_${ULID}","ended_at":"2026-05-03T10:01:00.500Z","head_hash":"${HASH}","key_id":"k1","kind":"session_closed","merkle_root_hex":"${HASH}","policy_sha256":"${HASH}","seal":"${HASH}","session_id":"sess_${ULID}","size":3,"started_at":"2026-05-03T10:00:00.000Z","status":"ok"}`,
      policy_stored: `{"account_id":"${ACCOUNT}","kind":"policy_stored","name":"clinic","sha256":"${HASH}","version":2}`,
      report_issued: `{"account_id":"${ACCOUNT}","agent_id":null,"format":"pdf","generated_at":"2026-05-03T10:00:00.000Z","json_sha256":"${HASH}","kind":"report_issued","merkle_root_hex":"${HASH}","report_id":"rep_${ULID}","scope":"session","session_id":"sess_${ULID}","since":"2026-05-03T10:00:00.000Z","size":3,"until":null}`,
      session_purged: `{"account_id":"${ACCOUNT}","at":"2026-05-03T10:00:00.000Z","closed_index":5,"kind":"session_purged","reason":"erasure","session_id":"sess_${ULID}"}`,
      key_changed: `{"account_id":"${ACCOUNT}","kind":"key_changed","new_key":"${Buffer.alloc(32, 2).toString('base64')}","old_key":"${KEY.toString('base64')}"}`,
    });
  });

  for (const [kind, text] of Object.entries(TEXTS)) {
    it(`of kind ${kind} are read and written`, () => {
      const entry = entries.parseLogEntry(text);
      assert.equal(entry?.kind, kind);
      assert.equal(entries.formatLogEntry(entry), text);
    });

    it(`of kind ${kind} are refused with a member less, more or of another type`, () => {
      const members = JSON.parse(text) as Record<string, unknown>;
      for (const name of Object.keys(members)) {
        const { [name]: _, ...others } = members;
        const less = canonicalize(others);
        assert.equal(entries.parseLogEntry(less), null, `without ${name}`);
        for (const value of [true, [], {}, -1, 0.5, '', 'other', `${members[name]} `]) {
          const changed = canonicalize({ ...members, [name]: value });
          const isText = name === 'name' || name === 'key_id';
          if (isText && typeof value === 'string' && value !== '') continue;
          assert.equal(entries.parseLogEntry(changed), null, `${name}: ${JSON.stringify(value)}`);
        }
      }
      const more = text.replace('{', '{"__proto__":1,');
      assert.equal(entries.parseLogEntry(more), null);
      assert.equal(entries.parseLogEntry(canonicalize({ ...members, zz: 1 })), null);
      assert.equal(entries.parseLogEntry(canonicalize({ ...members, kind: 'other' })), null);
    });

    it(`of kind ${kind} are refused in any other spelling`, () => {
      const others = [
        `${text}\n`,
        ` ${text}`,
        text.replace(',', ', '),
        text.replace('"kind"', '"k\\u0069nd"'),
        text.replace('{', `{"kind":"${kind}",`),
        text.slice(0, -1),
        `[${text}]`,
        `"${kind}"`,
        text.replace(/"kind":"[a-z_]+"/, '$&,$&'),
        ...(kind === 'key_changed' ? [] : [text.replace(/:(\d)([,}])/, ':$1.0$2')]),
      ];
      for (const other of others) assert.equal(entries.parseLogEntry(other), null, other);
    });
  }

  it('are refused with half a character, which no canonical text holds', () => {
    assert.ok(entries.parseLogEntry(TEXTS.session_closed.replace('"k1"', '"k\u{1f511}"')));
    for (const half of ['\ud83d', '\udd11', '\\ud83d'])
      assert.equal(entries.parseLogEntry(TEXTS.session_closed.replace('"k1"', `"k${half}"`)), null);
  });

  it('know every status of a session and every scope of a report', () => {
    for (const status of SESSION_STATUSES) {
      assert.ok(entries.parseLogEntry(entries.sessionClosedText({ ...facts, status }, null)));
    }
    const [, agentId] = [null, facts.agentId];
    for (const scope of REPORT_SCOPES) {
      const isSession = scope === 'session';
      const text = entries.reportIssuedText(ACCOUNT, {
        ...report,
        scope,
        sessionId: isSession ? facts.sessionId : null,
        agentId: scope === 'agent' ? agentId : null,
      });
      assert.ok(entries.parseLogEntry(text));
    }
  });

  it('of a report name what its scope is about', () => {
    const wrong = [
      { ...report, sessionId: null },
      { ...report, scope: 'agent', sessionId: null },
      { ...report, scope: 'account' },
      { ...report, scope: 'account', sessionId: null, agentId: facts.agentId },
    ] as const;
    for (const each of wrong) assert.throws(() => entries.reportIssuedText(ACCOUNT, each), RangeError);
  });

  it('of a session that never ended and was never sealed say so', () => {
    const text = entries.sessionClosedText({ ...facts, endedAt: null }, null);
    const entry = entries.parseLogEntry(text);
    assert.ok(entry?.kind === 'session_closed' && entry.ended_at === null && entry.seal === null);
  });

  it('are not made of facts that no entry can have', () => {
    assert.throws(() => entries.sessionClosedText({ ...facts, status: 'other' }, null), RangeError);
    assert.throws(() => entries.sessionClosedText({ ...facts, size: -1 }, null), RangeError);
    assert.throws(
      () => entries.sessionClosedText({ ...facts, startedAt: new Date(Number.NaN) }, null),
      RangeError,
    );
    assert.throws(() => entries.keyChangedText(ACCOUNT, KEY, KEY.subarray(1)), RangeError);
  });

  it('have at most 4,096 bytes, counted in UTF-8', () => {
    const textOf = (name: string) => entries.policyStoredText(ACCOUNT, { name, version: 1, sha256Hex: HASH });
    const others = Buffer.byteLength(textOf('a')) - 1;
    const rest = entries.LOG_ENTRY_LIMIT - others;
    assert.equal(Buffer.byteLength(textOf('a'.repeat(rest))), 4096);
    assert.throws(() => textOf('a'.repeat(rest + 1)), RangeError);
    assert.throws(() => textOf('é'.repeat(Math.ceil((rest + 1) / 2))), RangeError);
  });

  it('no text makes the parser throw', () => {
    for (const text of [
      '',
      '{',
      'null',
      '1',
      '[]',
      '{}',
      '\ud800',
      '{"kind":1}',
      '['.repeat(4000),
      '\u0000',
    ]) {
      assert.equal(entries.parseLogEntry(text), null);
    }
  });
});
