import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import type { LoggedSession } from '../../../shared/reports/account-log.ts';
import { checkCheckpoint } from '../../../shared/reports/check-checkpoint.ts';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import { assessEvidence } from '../../../shared/reports/session-evidence.ts';
import { parseLogEntry } from '../../../shared/transparency/log-entry.ts';
import {
  closedTextOf,
  loggedFacts,
  loggedSession,
  OTHER_IDENTITY,
  TEST_IDENTITY,
} from '../../support/evidence-facts.ts';
import { factsOf, HASH_HEX } from '../../support/report-facts.ts';
import { signerOf } from '../../support/signers.ts';

const { session, verdict } = factsOf();
const LOGGED = await loggedSession({ session, verdict });

function assess(change: Partial<Parameters<typeof assessEvidence>[0]> = {}) {
  return assessEvidence({ session, verdict, keys: TEST_IDENTITY, logged: LOGGED, ...change });
}

function problemOf(change: Parameters<typeof assess>[0]): string {
  const assessed = assess(change);
  return 'problem' in assessed ? assessed.problem : 'none';
}

const missing = (why: string) => ({ evidence: null, evidenceMissing: why });

test('states the entry, its proof, the checkpoint and the key that signed it', () => {
  const assessed = assess();
  assert.ok('evidence' in assessed && assessed.evidence);
  const { origin, verifierKey, logIndex, logSize } = assessed.evidence;
  assert.deepEqual([origin, logIndex, logSize], [`evidence.example.org/${session.accountId}`, 2, 5]);
  assert.match(verifierKey, /^evidence\.example\.org\/acc_\w{26}\+[0-9a-f]{8}\+[\w+/]+=*$/);
  assert.equal(assessed.evidence.sessionClosed, closedTextOf({ session, verdict }));
});

test('says why there is none: no log, an open session, an entry that is to come', () => {
  assert.deepEqual(assess({ keys: null }), missing('no log'));
  assert.deepEqual(assess({ verdict: { ...verdict, state: 'open' } }), missing('open'));
  assert.deepEqual(assess({ logged: null }), missing('not logged yet'));
});

test('an entry without a seal is older than a log that has grown or was sealed since', async () => {
  const unsealed = { ...session, log: { ...session.log, seal: null } };
  const logged = await loggedSession({ session: unsealed, verdict });
  assert.deepEqual(assess({ logged }), missing('not logged yet'));
  const grown = { ...verdict, size: 4, rootHex: 'ab'.repeat(32) };
  assert.deepEqual(assess({ session: unsealed, verdict: grown, logged }), missing('not logged yet'));
});

test('refuses an entry that states another root, size, seal, head, time, status, agent or policy', async () => {
  const entry = parseLogEntry(LOGGED.sessionClosed);
  assert.ok(entry?.kind === 'session_closed');
  const other = 'ab'.repeat(32);
  const changes: [what: RegExp, session: Partial<typeof session>, verdict: Partial<typeof verdict>][] = [
    [/another root than/, {}, { rootHex: other }],
    [/another size than/, {}, { size: 9 }],
    [/another head hash than/, {}, { headHashHex: other }],
    [/another seal than/, { log: { ...session.log, seal: other } }, {}],
    [/another start than/, { startedAt: new Date(0) }, {}],
    [/another end than/, { endedAt: new Date('2026-05-03T00:00:00Z') }, {}],
    [/another status than/, { status: 'error' }, {}],
    [/another agent than/, { agentId: 'agt_01KQN89WGRBPJ4AAGAHJXMZY99' }, {}],
    [/another policy than/, { policySha256Hex: other }, {}],
    [/another audit key than/, { log: { ...session.log, keyId: 'k2' } }, { keyId: 'k2' }],
  ];
  for (const [what, row, log] of changes) {
    const logged = await loggedSession({ session: { ...session, ...row }, verdict: { ...verdict, ...log } });
    assert.match(problemOf({ logged }), what);
  }
});

test("refuses another session's entry, and a text that is no entry", async () => {
  const others = { ...session, id: 'sess_01KQN89WGRBPJ4AAGAHJXMZY99' };
  const foreign = await loggedSession({ session: others, verdict });
  assert.match(problemOf({ logged: foreign }), /not the session's/);
  const ofAnother = { ...session, accountId: 'acc_01KQN89WGRBPJ4AAGAHJXMZY99' };
  const text = closedTextOf({ session: ofAnother, verdict });
  assert.match(
    problemOf({ logged: await loggedSession({ session, verdict }, { text }) }),
    /not the session's/,
  );
  for (const bad of [
    ` ${LOGGED.sessionClosed}`,
    '{}',
    LOGGED.sessionClosed.replace(HASH_HEX, HASH_HEX.toUpperCase()),
  ]) {
    const logged = await loggedSession({ session, verdict }, { text: bad });
    assert.match(problemOf({ logged }), /not the session's/);
  }
});

test('refuses a checkpoint that another key signed, of another size, or that is none', async () => {
  assert.match(problemOf({ keys: OTHER_IDENTITY }), /not signed by/);
  const forged = await loggedSession({ session, verdict }, { signer: signerOf(3) });
  assert.match(problemOf({ logged: forged }), /not signed by/);
  const changes: Partial<LoggedSession>[] = [
    { logSize: 6 },
    { checkpoint: '' },
    { checkpoint: LOGGED.checkpoint.replace('\n5\n', '\n6\n') },
    { checkpoint: LOGGED.checkpoint.replaceAll('evidence.example', 'evidence.exampla') },
  ];
  for (const change of changes)
    assert.match(problemOf({ logged: { ...LOGGED, ...change } }), /not signed by/);
});

test('refuses an entry that is not under the checkpoint', () => {
  const { inclusion } = LOGGED;
  const flipped = inclusion.map((hash, i) =>
    i === 0 ? Uint8Array.from(hash, (byte, at) => byte ^ (at === 0 ? 1 : 0)) : hash,
  );
  const changes: Partial<LoggedSession>[] = [
    { inclusion: flipped },
    { inclusion: inclusion.slice(1) },
    { inclusion: [...inclusion, ...inclusion] },
    { logIndex: 1 },
    { sessionClosed: LOGGED.sessionClosed.replace('"size":3', '"size":2') },
  ];
  for (const change of changes) {
    assert.match(problemOf({ logged: { ...LOGGED, ...change } }), /not under its checkpoint/);
  }
});

test('refuses an entry that the account log does not have', () => {
  for (const logIndex of [LOGGED.logSize, 1_000_000]) {
    const logged = { ...LOGGED, logIndex, inclusion: [], sessionClosed: '' };
    assert.match(problemOf({ logged }), /names an entry that the account log does not have/);
  }
});

test('a report repeats the evidence byte for byte, and says who can check it', async () => {
  const composed = composeReport(await loggedFacts());
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  const { evidence, evidence_missing, who_can_check, completeness } = composed.report;
  assert.ok(evidence);
  assert.equal(evidence_missing, null);
  assert.equal(evidence.session_closed, LOGGED.sessionClosed);
  assert.equal(evidence.checkpoint, LOGGED.checkpoint);
  assert.deepEqual(
    evidence.inclusion,
    LOGGED.inclusion.map((hash) => Buffer.from(hash).toString('base64')),
  );
  assert.match(who_can_check.database_writer, /Exposed are/);
  assert.ok(completeness.sources.some(({ source }) => source === 'account log'));
});

test('a report without an account log promises nothing of one', () => {
  const composed = composeReport(factsOf());
  assert.ok(composed.ok);
  assert.equal(composed.report.evidence, null);
  assert.equal(composed.report.evidence_missing, 'no log');
  assert.doesNotMatch(composed.json, /verifier key|checkpoint/);
});

test('a checkpoint that held is none of another size, account or key', () => {
  const { checkpoint, logSize: size } = LOGGED;
  const { accountId } = session;
  const holds = (asked = { checkpoint, size }, account = accountId, keys = TEST_IDENTITY) =>
    checkCheckpoint(asked, keys, account) !== null;
  assert.ok(holds() && holds());
  assert.ok(!holds({ checkpoint, size: size + 1 }));
  assert.ok(holds());
  assert.ok(!holds(undefined, newId('account')));
  assert.ok(!holds(undefined, accountId, OTHER_IDENTITY));
  assert.ok(!holds({ checkpoint: checkpoint.replace(/^/, 'x'), size }));
  assert.ok(holds());
});
