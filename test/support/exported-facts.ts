// The sessions of the real exports as facts of a report, their logs walked for real.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, parseJson } from '../../shared/audit/canonical-json.ts';
import { newId } from '../../shared/audit/ids.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import { EMPTY_AGGREGATE } from '../../shared/log-writer/open-session.ts';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import { logRecordOf, type Session, type SessionPayloads } from '../../shared/sessions/session.ts';
import { type ExportedSession, type ExportName, readExport } from './exports.ts';

type SessionRow = ExportedSession & Readonly<{ upstream_model: string }>;

/** Facts of every session's report, in the order of the export. Throws where a log does not verify. */
export function* exportedFacts(name: ExportName): Generator<ReportFacts> {
  const { keyring, expected, sessions, entries, policyText } = readExport(name);
  const agentNames = new Map(
    readRows(name, 'agents').map((row) => [row.get('id'), row.get('name') as string]),
  );
  const payloads = new Map(readRows(name, 'sessions').map((row) => [row.get('id'), row.get('payloads')]));

  for (const row of sessions as SessionRow[]) {
    const text = policyText(row).toString();
    const session = toSession(row, hash('sha256', text), expected[row.id]!.merkle_root_hex);
    const { key } = keyring.find({ ...session, ...session.log });
    assert.ok(key);
    const walker = new LogWalker({ agentId: session.agentId, sessionId: session.id }, key.hasher, {
      snapshotSizes: [session.log.size],
    });
    for (const line of entries.get(row.id)!) assert.equal(walker.step(line, 0, line.length), null);
    const verdict: LogVerdict = judgeWalk([walker.finish()], logRecordOf(session), key);
    assert.equal(verdict.status, 'verified');
    yield {
      id: newId('report'),
      generatedAt: new Date(),
      account: { id: session.accountId, name: session.accountId },
      agent: { id: session.agentId, name: agentNames.get(session.agentId)! },
      issuedTo: { id: 'usr_1', name: 'Ada Auditor' },
      session,
      policy: {
        name: row.policy_name,
        version: row.policy_version,
        text,
        sha256Hex: session.policySha256Hex,
      },
      verdict,
      payloads: toPayloads((payloads.get(row.id) as JsonObject | null) ?? null),
      baaChainText: null,
      evidence: null,
      evidenceMissing: 'no log',
    };
  }
}

function readRows(name: ExportName, file: 'agents' | 'sessions'): JsonObject[] {
  const text = readFileSync(join(import.meta.dirname, '../data', name, `${file}.ndjson`), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => parseJson(line) as JsonObject);
}

function toSession(row: SessionRow, policySha256Hex: string, merkleRootHex: string): Session {
  const { log } = row;
  return {
    id: row.id,
    accountId: row.account_id,
    agentId: row.agent_id,
    startedAt: new Date(row.started_at),
    endedAt: new Date(row.ended_at),
    status: row.status,
    upstreamModel: row.upstream_model,
    aggregate: EMPTY_AGGREGATE,
    policyName: row.policy_name,
    policyVersion: row.policy_version,
    policySha256Hex,
    stageDurationsMs: [],
    log: {
      size: log.size,
      headHashHex: log.head_hash,
      keyId: log.key_id,
      keyCheck: log.key_check,
      seal: log.seal,
    },
    merkleRootHex,
    merkleRootSize: log.size,
  };
}

function toPayloads(payloads: JsonObject | null): SessionPayloads | null {
  return (
    payloads && {
      request: payloads.get('request') ?? null,
      masked: payloads.get('masked') ?? null,
      response: payloads.get('response') ?? null,
    }
  );
}
