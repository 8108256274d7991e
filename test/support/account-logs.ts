// Account logs of a test: a keeper with keys of its own, and a reader that trusts them.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../shared/audit/ids.ts';
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import { logStateOf } from '../../shared/audit/verdict.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import { signEntry } from '../../shared/reports/sign-entry.ts';
import { createRecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import { createLogReader, type LogReader } from '../../shared/transparency/log-reader.ts';
import { createLogSegments } from '../../shared/transparency/log-segments.ts';
import { openSigning, type Signing } from '../../shared/transparency/open-signing.ts';
import { createStatementSigner } from '../../shared/transparency/statement-signer.ts';
import type { KeeperLog } from '../../workers/account-log/keeper-deps.ts';
import { type AccountLogs, openAccountLogs } from '../../workers/account-log/open-keeper.ts';
import type { Witness } from '../../workers/account-log/witness-client.ts';
import { createVerifyDeps, verifyHere } from '../../workers/logs/verify-session.ts';
import { openLogReader } from '../../workers/reports/account-logs.ts';
import { type LogWorld, TEST_KEY } from './audit-world.ts';
import { naiveRoot } from './naive-merkle-tree.ts';
import { readTexts } from './segments.ts';
import { pemOf, TEST_ORIGIN } from './signers.ts';
import { verifyAs } from './verify.ts';

export const TEST_SIGNING = {
  origin: TEST_ORIGIN,
  privateKeyPem: pemOf(1),
  previousPem: null,
  retiredPublicKeys: [],
} as const;

/** The environment of a command or server with these keys. */
export const SIGNING_ENV = {
  SIGNING_KEY: TEST_SIGNING.privateKeyPem,
  LOG_ORIGIN: TEST_SIGNING.origin,
} as const;

export type TestLogs = Readonly<{
  /** As the workers have them, but `keep` asks the witnesses, too, and waits for them. */
  logs: AccountLogs;
  reader: LogReader;
  /** The entries of a log, whoever wrote them. */
  textsOf(accountId: string): Promise<string[]>;
  signing: Signing;
  dataDir: string;
  /** Lines that an operator would see. */
  told: string[];
}>;

type Options = Readonly<{
  settings?: Parameters<typeof openSigning>[0];
  witnesses?: readonly Witness[];
  dataDir?: string;
  witnessTimeoutMs?: number;
  keys?: (typeof TEST_KEY)[];
}>;

export async function openTestLogs(
  t: { after(cleanUp: () => Promise<void>): void },
  world: Pick<LogWorld, 'db' | 'sessions'>,
  { settings = TEST_SIGNING, witnesses = [], keys = [TEST_KEY], ...options }: Options = {},
): Promise<TestLogs> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'account-logs-')));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const signing = openSigning(settings);
  const told: string[] = [];
  const tell = (about: object, line: string) => void told.push(`${line} ${JSON.stringify(about)}`);
  const log: KeeperLog = { info: tell, warn: tell, error: tell };
  const { identity } = signing;
  const reader = openLogReader(world.db, identity);
  const verifyDeps = createVerifyDeps(world.db, keys, reader && { reader, keys: identity });
  const opened = openAccountLogs(
    world.db,
    {
      auditKeys: keys,
      dataDir,
      witnesses,
      ...(options.witnessTimeoutMs !== undefined && { witnessTimeoutMs: options.witnessTimeoutMs }),
    },
    {
      ...signing,
      pool: {
        verifySession: (ref: LogRef, { anchors = [] }: { anchors?: readonly Anchor[] }) =>
          verifyHere(verifyDeps, { ...ref, anchors, until: null, listed: 0 }) as never,
      },
      recordOutcome: createRecordOutcome({
        sessions: world.sessions,
        log: { error() {}, info() {} },
        countFailed: async () => {},
      }),
      log,
    },
  );
  const logs: AccountLogs = {
    ...opened,
    async keep(accountId, signal, onAppended) {
      const kept = await opened.keep(accountId, signal, onAppended);
      if (kept.failed === null) await opened.askWitnesses(accountId, signal);
      return kept;
    },
  };
  async function textsOf(accountId: string): Promise<string[]> {
    const segments = await Array.fromAsync(createLogSegments(world.db).readOn(accountId));
    return segments.flatMap(({ entries }) => entries.map(String));
  }
  return { logs, reader: createLogReader(world.db, signing.identity), textsOf, signing, dataDir, told };
}

export const NEVER = new AbortController().signal;

/** The log's entries, the checkpoint's root compared with the naive one over them. */
export async function readChecked(logs: Pick<TestLogs, 'reader' | 'textsOf'>, accountId: string) {
  const texts = await logs.textsOf(accountId);
  const checkpoint = await logs.reader.checkpoint(accountId);
  assert.equal(checkpoint?.size, texts.length);
  assert.equal(checkpoint?.rootHex, naiveRootHex(texts));
  return texts.map((text) => {
    const entry = parseLogEntry(text);
    assert.ok(entry);
    return entry;
  });
}

/** RFC 6962 root over texts, by its definition. */
export function naiveRootHex(texts: readonly string[]): string {
  return Buffer.from(naiveRoot(texts.map((text) => Buffer.from(text)))).toString('hex');
}

/**
 * Records a report on a session as the service does, under a statement, and with the digest of a PDF under one too. Nobody
 * composed its JSON. Gives its id.
 */
export async function recordStated(
  { db }: Pick<LogWorld, 'db'>,
  { signing }: Pick<TestLogs, 'signing'>,
  { id: sessionId, accountId, startedAt, endedAt, log, merkleRootHex }: Session,
  pdfSha256Hex: string | null = null,
): Promise<string> {
  const [reportId, generatedAt, jsonSha256Hex] = [newId('report'), new Date(), 'ab'.repeat(32)];
  const named = { reportId, generatedAt: presentTime(generatedAt) };
  const sign = createStatementSigner(signing);
  const entry = await signEntry(sign, accountId, {
    id: reportId,
    userId: newId('user'),
    scope: 'session',
    sessionId,
    since: startedAt,
    until: endedAt,
    rootHex: merkleRootHex as string,
    size: log.size,
    logState: logStateOf(log.seal, endedAt),
    generatedAt,
    jsonSha256Hex,
    pdfSha256Hex,
    pdfStatement:
      pdfSha256Hex && (await sign(accountId, { ...named, subject: 'pdf', sha256Hex: pdfSha256Hex })),
    format: pdfSha256Hex === null ? 'json' : 'pdf',
    statement: await sign(accountId, { ...named, subject: 'report', sha256Hex: jsonSha256Hex }),
  });
  await createReportLedger(db).record(accountId, entry);
  return reportId;
}

/**
 * Makes a log an open one of its first `size` entries, in row and segment, as somebody without the audit key can. The root
 * over them. The log must fit into one segment.
 */
export async function cutTail(world: LogWorld, session: Session, size: number): Promise<string> {
  const { db } = world;
  const texts = (await readTexts(db, session)).slice(0, size);
  const head = (JSON.parse(texts.at(-1) as string) as { this_hash: string }).this_hash;
  await db.collection<{ _id: string }>('audit_segments').updateOne(
    { _id: `${session.accountId}/${session.id}/0` },
    {
      $set: { entries: texts, count: size, head_hash: head, closed: false },
      $unset: { packed: '', closing: '' },
    },
  );
  await db.collection<{ _id: string }>('sessions').updateOne(
    { _id: session.id },
    {
      $set: {
        ...{ 'log.seal': null, 'log.size': size, 'log.head_hash': head },
        ...{ merkle_root_hex: null, merkle_root_size: null, ended_at: null },
      },
    },
  );
  const verdict = await verifyAs(
    world,
    (await world.sessions.find(session.accountId, session.id)) as Session,
  );
  assert.ok(verdict.status === 'verified');
  return verdict.rootHex;
}
