// The two real exports under test/data, with the results that an independent program computed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type AuditKeyBytes, createKeyring } from '../../shared/audit/audit-keys.ts';

export const EXPORTS = ['clinic-week', 'other-clinic'] as const;
export type ExportName = (typeof EXPORTS)[number];

export type ExpectedLog = Readonly<{
  end_hash: string;
  event_count: number;
  merkle_root_hex: string;
  redaction_count: number;
  redactions_by_kind: Readonly<Record<string, number>>;
  redactions_by_pass: Readonly<Record<string, number>>;
  rehydration_failures: number;
}>;

export type ExportedSession = Readonly<{
  id: string;
  account_id: string;
  agent_id: string;
  started_at: string;
  ended_at: string;
  status: 'ok' | 'error' | 'partial';
  policy_name: string;
  policy_version: number;
  log: Readonly<{ size: number; head_hash: string; key_id: string; key_check: string; seal: string | null }>;
}>;

const DATA = join(import.meta.dirname, '../data');

export function readExport(name: ExportName) {
  const expected = JSON.parse(readFileSync(join(DATA, name, 'expected.json'), 'utf8')) as {
    audit_keys: string;
    sessions: Record<string, ExpectedLog>;
  };
  const [id = '', hex = ''] = expected.audit_keys.split(':');
  const key: AuditKeyBytes = { id, bytes: Buffer.from(hex, 'hex') };
  const sessions = lines(readFileSync(join(DATA, name, 'sessions.ndjson'))).map(
    (line) => JSON.parse(line.toString()) as ExportedSession,
  );
  const entries = new Map<string, Buffer[]>(sessions.map((session) => [session.id, []]));
  for (const line of lines(gunzipSync(readFileSync(join(DATA, name, 'audit.ndjson.gz'))))) {
    const { session_id: sessionId } = JSON.parse(line.toString()) as { session_id: string };
    entries.get(sessionId)?.push(line);
  }
  const policyText = ({ policy_name, policy_version }: ExportedSession) =>
    readFileSync(join(DATA, name, 'policies', `${policy_name}@${policy_version}.yaml`));
  return { key, keyring: createKeyring([key]), expected: expected.sessions, sessions, entries, policyText };
}

function lines(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let begin = 0; begin < bytes.length; ) {
    const newline = bytes.indexOf('\n', begin);
    const end = newline < 0 ? bytes.length : newline;
    found.push(bytes.subarray(begin, end));
    begin = end + 1;
  }
  return found;
}
