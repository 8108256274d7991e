// Runs the API in a process of its own, so that its memory and its event loop's delay are measured apart from ours.
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get, type OutgoingHttpHeaders, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { startApi } from '../setup/api-process.ts';
import type { BenchDatabase } from './bench-database.ts';
import { SAMPLE_KEY } from './sample-log.ts';

export type BenchApi = Readonly<{
  pid: number;
  url: string;
  /** Milliseconds until the whole answer was read. Throws unless it is a success. */
  time(path: string): Promise<number>;
  readJson(path: string, headers?: OutgoingHttpHeaders): Promise<unknown>;
  remove(path: string): Promise<void>;
  /** The event loop's delay since the last call. Requires an API that was started with `loop-delay.ts`. */
  askDelay(): Promise<LoopDelay>;
  stop(): Promise<void>;
}>;

export type LoopDelay = Readonly<{ p50Ms: number; p99Ms: number; maxMs: number }>;

export type BenchApiOptions = Readonly<{
  database: BenchDatabase;
  /** Sent with every request. */
  cookie: string;
  /** File URLs of modules that its process loads before the API. */
  preloads?: readonly URL[];
  /** Without it reports cannot be ordered for the background. */
  redisUrl?: string;
  resources: ReleaseStack;
  signal: AbortSignal;
}>;

/** The API's cursor key, known here so that the benchmark can sign a cursor. */
export const CURSOR_KEY = new Uint8Array(32).fill(0xc7);

/** A million entries take longer than the deadline that reports have by default. */
const REPORT_TIMEOUT_MS = 600_000;

export async function startBenchApi(options: BenchApiOptions): Promise<BenchApi> {
  const { database, cookie, preloads = [], redisUrl, resources, signal } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-bench-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  const env = {
    MONGODB_URI: database.uri,
    MONGODB_DB: database.name,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    DATA_DIR: dataDir,
    AUDIT_KEYS: `${SAMPLE_KEY.id}:${toHex(SAMPLE_KEY.bytes)}`,
    CURSOR_KEY: toHex(CURSOR_KEY),
    PORT: '0',
    LOG_LEVEL: 'silent',
    REPORT_TIMEOUT_MS: `${REPORT_TIMEOUT_MS}`,
    // Names no Chromium, so that none starts while something is measured.
    CHROME_PATH: join(dataDir, 'none'),
    NODE_OPTIONS: preloads.map(({ href }) => `--import ${href}`).join(' '),
  };
  const api = await startApi(env, signal);
  resources.defer((force) => api.stop(force));

  const agent = new Agent({ keepAlive: true });
  resources.defer(async () => agent.destroy());
  const request = (path: string, method = 'GET', headers: OutgoingHttpHeaders = {}) =>
    requestBody(api.url + path, { method, headers: { cookie, ...headers }, agent, signal });

  return {
    pid: api.pid,
    url: api.url,
    async time(path) {
      const begin = performance.now();
      await request(path);
      return performance.now() - begin;
    },
    readJson: async (path, headers) =>
      JSON.parse((await request(path, 'GET', headers)).toString()) as unknown,
    async remove(path) {
      // As a page of this host says it: a write by a cookie from elsewhere is refused.
      await request(path, 'DELETE', { 'sec-fetch-site': 'same-origin' });
    },
    askDelay: async () => (await api.ask('delay')) as LoopDelay,
    stop: () => api.stop(AbortSignal.timeout(STOP_TIMEOUT_MS)),
  };
}

const STOP_TIMEOUT_MS = 10_000;

/**
 * The body of a successful answer. Uses bare events: `fetch` costs the caller more time than the measured work may take, and
 * promises for the answer and its body still cost a twentieth of a short report's time.
 */
function requestBody(url: string, options: RequestOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const sent = get(url, options, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('error', reject);
    answer.on('end', () => {
      if (isSuccess(answer.statusCode)) resolve(Buffer.concat(chunks));
      else reject(new Error(`${url} was answered ${answer.statusCode}`));
    });
  });
  sent.on('error', (error) => {
    // The API closed the idle connection while the request was being sent, so it is sent again.
    if (sent.reusedSocket && !options.signal?.aborted) resolve(requestBody(url, options));
    else reject(error);
  });
  return promise;
}

function isSuccess(status = 0): boolean {
  return status >= 200 && status < 300;
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
