// Both real exports, entry by entry, against what an independent program computed of them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { judgeWalk } from '../../../shared/audit/judge.ts';
import { LogWalker } from '../../../shared/audit/log-walker.ts';
import type { LogVerdict, VerifiedLog } from '../../../shared/audit/verdict.ts';
import { EMPTY_AGGREGATE } from '../../../shared/log-writer/open-session.ts';
import { logRecordOf, type Session } from '../../../shared/sessions/session.ts';
import { EXPORTS, type ExportedSession, readExport } from '../../support/exports.ts';
import { naiveHash, naiveSeal } from '../../support/naive-chain.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';

for (const name of EXPORTS) {
  const { key, keyring, expected, sessions, entries, policyText } = readExport(name);

  const policySha256Hex = (row: ExportedSession) =>
    createHash('sha256').update(policyText(row)).digest('hex');
  const linesOf = (row: ExportedSession) => entries.get(row.id) ?? [];

  function toSession(row: ExportedSession): Session {
    const { log } = row;
    return {
      id: row.id,
      accountId: row.account_id,
      agentId: row.agent_id,
      startedAt: new Date(row.started_at),
      endedAt: new Date(row.ended_at),
      status: row.status,
      upstreamModel: '',
      aggregate: EMPTY_AGGREGATE,
      policyName: row.policy_name,
      policyVersion: row.policy_version,
      policySha256Hex: policySha256Hex(row),
      stageDurationsMs: [],
      log: {
        size: log.size,
        headHashHex: log.head_hash,
        keyId: log.key_id,
        keyCheck: log.key_check,
        seal: log.seal,
      },
      merkleRootHex: expected[row.id]?.merkle_root_hex ?? null,
      merkleRootSize: null,
    };
  }

  function walk(row: ExportedSession): LogVerdict {
    const session = toSession(row);
    const { key: auditKey } = keyring.find({ ...session, ...session.log });
    assert.ok(auditKey, 'the key check fits');
    const log = { agentId: session.agentId, sessionId: session.id };
    const walker = new LogWalker(log, auditKey.hasher, { snapshotSizes: [session.log.size] });
    for (const line of linesOf(row)) assert.equal(walker.step(line, 0, line.length), null);
    return judgeWalk([walker.finish()], logRecordOf(session), auditKey);
  }

  describe(`the export ${name}`, () => {
    it('the export has a log for every expected session', () => {
      assert.deepEqual(sessions.map(({ id }) => id).sort(), Object.keys(expected).sort());
    });

    it('every exported log is verified, with the expected root, end hash and counts', () => {
      for (const row of sessions) {
        const verdict = walk(row) as VerifiedLog;
        const { counts, ...found } = verdict;
        assert.deepEqual(
          {
            status: found.status,
            state: found.state,
            end_hash: found.headHashHex,
            event_count: found.size,
            merkle_root_hex: found.rootHex,
            redaction_count: counts.redactionCount,
            redactions_by_kind: Object.fromEntries(counts.redactionsByKind),
            redactions_by_pass: Object.fromEntries(counts.redactionsByPass),
            rehydration_failures: counts.rehydrationFailureCount,
          },
          {
            status: 'verified',
            state: row.log.seal === null ? 'unsealed' : 'sealed',
            ...pick(expected[row.id] as object, 'end_hash', 'event_count', 'merkle_root_hex'),
            ...pick(
              expected[row.id] as object,
              'redaction_count',
              'redactions_by_kind',
              'redactions_by_pass',
            ),
            ...pick(expected[row.id] as object, 'rehydration_failures'),
          },
        );
      }
    });

    it("the export's hashes and seals equal those of the naive chain and seal", () => {
      for (const row of sessions) {
        for (const line of linesOf(row)) {
          const text = line.toString();
          assert.equal((JSON.parse(text) as { this_hash: string }).this_hash, naiveHash(key.bytes, text));
        }
        const facts = {
          account_id: row.account_id,
          agent_id: row.agent_id,
          session_id: row.id,
          status: row.status,
          started_at: row.started_at,
          ended_at: row.ended_at,
          policy_sha256: policySha256Hex(row),
          key_id: row.log.key_id,
          size: row.log.size,
          head_hash: row.log.head_hash,
          merkle_root_hex: Buffer.from(naiveRoot(linesOf(row))).toString('hex'),
        };
        if (row.log.seal !== null) assert.equal(naiveSeal(key.bytes, facts), row.log.seal);
      }
    });

    it('every exported log is sealed', () => {
      assert.ok(sessions.every(({ log }) => log.seal !== null));
    });
  });
}

function pick(from: object, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}
