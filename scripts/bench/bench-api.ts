// The API as it is run, in a process of its own: what it holds, and how late its event loop is, is its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { startApi } from '../setup/api-process.ts';
import type { BenchDatabase } from './bench-database.ts';
import { SAMPLE_KEY } from './sample-log.ts';

export type BenchApi = Readonly<{
  pid: number;
  /** Milliseconds until the whole answer was read. Throws unless it is 200. */
  time(path: string): Promise<number>;
  readJson(path: string): Promise<unknown>;
  /** Its event loop's delay since the last such question, where it was started with `loop-delay.ts`. */
  askDelay(): Promise<LoopDelay>;
  stop(): Promise<void>;
}>;

export type LoopDelay = Readonly<{ p50Ms: number; p99Ms: number; maxMs: number }>;

export type BenchApiOptions = Readonly<{
  database: BenchDatabase;
  /** Of every request. */
  cookie: string;
  /** File URLs of modules that its process loads before the API. */
  preloads?: readonly URL[];
  resources: ReleaseStack;
  signal: AbortSignal;
}>;

/** Authenticates its paging cursors, so that the benchmark can make one. */
export const CURSOR_KEY = new Uint8Array(32).fill(0xc7);

/** A million entries take longer than the deadline that reports have by default. */
const REPORT_TIMEOUT_MS = 600_000;

export async function startBenchApi(options: BenchApiOptions): Promise<BenchApi> {
  const { database, cookie, preloads = [], resources, signal } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-bench-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  const env = {
    MONGODB_URI: database.uri,
    MONGODB_DB: database.name,
    DATA_DIR: dataDir,
    AUDIT_KEYS: `${SAMPLE_KEY.id}:${toHex(SAMPLE_KEY.bytes)}`,
    CURSOR_KEY: toHex(CURSOR_KEY),
    PORT: '0',
    LOG_LEVEL: 'silent',
    REPORT_TIMEOUT_MS: `${REPORT_TIMEOUT_MS}`,
    // No Chromium is warmed up beside what is measured.
    CHROME_PATH: join(dataDir, 'none'),
    NODE_OPTIONS: preloads.map(({ href }) => `--import ${href}`).join(' '),
  };
  const api = await startApi(env, signal);
  resources.defer((force) => api.stop(force));

  const agent = new Agent({ keepAlive: true });
  resources.defer(async () => agent.destroy());
  const request = (path: string) => requestBody(api.url + path, { headers: { cookie }, agent, signal });

  return {
    pid: api.pid,
    async time(path) {
      const begin = performance.now();
      await request(path);
      return performance.now() - begin;
    },
    readJson: async (path) => JSON.parse((await request(path)).toString()) as unknown,
    askDelay: async () => (await api.ask('delay')) as LoopDelay,
    stop: () => api.stop(AbortSignal.timeout(STOP_TIMEOUT_MS)),
  };
}

const STOP_TIMEOUT_MS = 10_000;

/**
 * The body of an answer that is 200. By bare events: `fetch` costs the caller more time than what is measured may take,
 * and promises of the answer and of its body still a twentieth of a short report's.
 */
function requestBody(url: string, options: RequestOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const sent = get(url, options, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('error', reject);
    answer.on('end', () => {
      if (answer.statusCode === 200) resolve(Buffer.concat(chunks));
      else reject(new Error(`${url} was answered ${answer.statusCode}`));
    });
  });
  sent.on('error', (error) => {
    // The API closed the connection, which had been idle, as the request left.
    if (sent.reusedSocket && !options.signal?.aborted) resolve(requestBody(url, options));
    else reject(error);
  });
  return promise;
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
