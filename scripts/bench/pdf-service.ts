// Runs the API in a process of its own, over the demo clinic in the benchmark's database.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TENANT_PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { writeDemoData } from '../demo/demo-data.ts';
import { issueLogin } from '../issue-login.ts';
import { startApi } from '../setup/api-process.ts';
import type { BenchDatabase } from './bench-database.ts';

export type PdfService = Readonly<{
  /** The API's process. The Chromiums are its children. */
  pid: number;
  listUrl: string;
  cookie: string;
  pdfPath: string;
  /** Milliseconds until the whole answer was read. Throws unless it is 200. */
  time(path: string): Promise<number>;
}>;

type Context = Readonly<{
  database: BenchDatabase;
  resources: ReleaseStack;
  chromium: string;
  signal: AbortSignal;
}>;

const WINDOW_DAYS = 60;

export async function startPdfService({
  database,
  resources,
  chromium,
  signal,
}: Context): Promise<PdfService> {
  const { uri, name, db } = database;
  const accountId = newId('account');
  const key = { id: 'k_bench', bytes: new Uint8Array(randomBytes(32)) };
  await writeDemoData({ db, config: { auditKeys: [key] }, accountId, onProgress: () => {} });
  const until = new Date();
  const since = new Date(until.getTime() - WINDOW_DAYS * DAY_MS);
  const query = { since, until, minRedactions: 10, after: null, limit: 1 };
  const [session] = await createSessionRepository(db).list(accountId, query);
  if (!session) throw new Error('The demo data holds no typical session');
  const permissions = [...TENANT_PERMISSIONS];
  const { cookie } = await issueLogin({ db, accountId, permissions, auditKeys: [key] });

  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-bench-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  const keyHex = Buffer.from(key.bytes).toString('hex');
  const env = {
    MONGODB_URI: uri,
    MONGODB_DB: name,
    AUDIT_KEYS: `${key.id}:${keyHex}`,
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'silent',
    CHROME_PATH: chromium,
    PATH: process.env.PATH ?? '',
  };
  const api = await startApi(env, signal);
  resources.defer((force) => api.stop(force));

  return {
    pid: api.pid,
    listUrl: `${api.url}/api/v1/sessions?since=${WINDOW_DAYS}d&limit=25`,
    cookie,
    pdfPath: `/api/v1/sessions/${session.id}/report?format=pdf`,
    async time(path) {
      const begin = performance.now();
      const response = await fetch(`${api.url}${path}`, { headers: { cookie }, signal });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`${path} was answered ${response.status}`);
      return performance.now() - begin;
    },
  };
}
