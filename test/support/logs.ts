// Sessions with a real log: appended, signed and sealed by the code that does it in production.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { createSegmentRepository } from '../../shared/log-store/segment-repository.ts';
import { appendEvents } from '../../shared/log-writer/append.ts';
import { closeLog } from '../../shared/log-writer/close-log.ts';
import type { EventDraft } from '../../shared/log-writer/draft.ts';
import type { Session, SessionPayloads } from '../../shared/sessions/session.ts';
import { openedBy } from './opened.ts';
import { mustParse, policyFile } from './policies.ts';
import { editSegment } from './segments.ts';
import { buildSession, type SessionTraits } from './sessions.ts';
import type { Tenant, TestApp } from './start-app.ts';

export type LogTraits = SessionTraits &
  Readonly<{
    events: readonly EventDraft[];
    /** A policy file of the clinic week. */
    policy?: string;
    payloads?: SessionPayloads;
    /** Below zero for an end before the start. */
    lastedMs?: number;
  }>;

export function redaction(entityKind: string, span: [number, number] = [0, 4]): EventDraft {
  return {
    kind: 'redaction',
    pass: 'gemma',
    entity_kind: entityKind,
    span,
    confidence: 0.94,
    token_kind: 'MSKV1',
    kid: 'K_HEALTHCARE',
  };
}

/** Stores a session with its policy and log; sealed unless `open`. */
export async function addSessionWithLog(app: TestApp, tenant: Tenant, traits: LogTraits): Promise<Session> {
  const { deps, database } = app;
  const { accountId } = tenant;
  const keyring = createKeyring(app.config.auditKeys);
  const key = keyring.writerFor({ accountId, startedAt: new Date() });
  assert.ok(key);
  const text = policyFile(traits.policy ?? 'healthcare-default@1');
  const { name, version } = mustParse(text);
  const sha256Hex = createHash('sha256').update(text).digest('hex');
  assert.notEqual(await deps.policies.insert(accountId, { name, version, text, sha256Hex }), 'conflict');

  const row = buildSession(tenant, { ...traits, open: true });
  const policy = { policyName: name, policyVersion: version, policySha256Hex: sha256Hex };
  const session = openedBy(key, { ...row, ...policy });
  await deps.sessions.insert(accountId, session, traits.payloads ?? null);

  const writer = { audit: createSegmentRepository(database.db), sessions: deps.sessions, keyring };
  const appended = await appendEvents(writer, accountId, session.id, traits.events);
  assert.equal(appended.status, 'appended');
  if (!traits.open) {
    const reader = createSegmentReader(database.db);
    const endedAt = new Date(session.startedAt.getTime() + (traits.lastedMs ?? 794));
    const closed = await closeLog({ ...writer, reader }, accountId, session.id, {
      endedAt,
      status: session.status,
    });
    assert.equal(closed.status, 'sealed');
  }
  const stored = await deps.sessions.find(accountId, session.id);
  assert.ok(stored);
  return stored;
}

/** Rewrites an entry as somebody with the database and without the key could. */
export async function damageEntry(app: TestApp, session: Session, seq: number): Promise<void> {
  await editSegment(app.database.db, session, Math.floor(seq / 256), (texts) =>
    texts.map((text) =>
      text.includes(`"seq":${seq},`) ? text.replace('"confidence":0.94', '"confidence":0.95') : text,
    ),
  );
}
