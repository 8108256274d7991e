// Export bundles: the two real-shaped ones, and damaged copies of them.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type JsonObject, parseJson } from '../../shared/audit/canonical-json.ts';

const DATA = resolve(import.meta.dirname, '../data');

export type Expected = Readonly<{
  account_id: string;
  account_root_hex: string;
  audit_keys: string;
  windows: readonly ExpectedWindow[];
  sessions: Record<
    string,
    {
      end_hash: string;
      event_count: number;
      merkle_root_hex: string;
      redaction_count: number;
      redactions_by_kind: Record<string, number>;
      redactions_by_pass: Record<string, number>;
      rehydration_failures: number;
      start_hash: string;
    }
  >;
}>;

/** What a report over a window must state. */
export type ExpectedWindow = Readonly<{
  scope: 'account' | 'agent';
  agent_id?: string;
  since: string;
  until: string;
  tz: string;
  sessions_total: number;
  entries: number;
  merkle_root_hex: string;
  redactions_by_agent: Record<string, number>;
  redactions_by_day_of_start: Record<string, number>;
  redactions_by_kind: Record<string, number>;
  redactions_by_pass: Record<string, number>;
}>;

export type BundleName = 'clinic-week' | 'other-clinic';

export function bundleDir(name: BundleName): string {
  return join(DATA, name);
}

export async function readExpected(name: BundleName): Promise<Expected> {
  return JSON.parse(await readFile(join(DATA, name, 'expected.json'), 'utf8')) as Expected;
}

/** What a report on each session must state, by its id; as Maps, in which any name of a kind is one like any other. */
export async function readExpectedSessions(name: BundleName): Promise<ReadonlyMap<string, JsonObject>> {
  const expected = parseJson(await readFile(join(DATA, name, 'expected.json'), 'utf8')) as JsonObject;
  return expected.get('sessions') as Map<string, JsonObject>;
}

/** The first line of a file that is not gzipped. */
export async function readFirstLine(dir: string, file: string): Promise<string> {
  const text = await readFile(join(dir, file), 'utf8');
  return text.slice(0, text.indexOf('\n'));
}

export type Bundle = Readonly<{
  dir: string;
  readLines(file: string): Promise<string[]>;
  writeLines(file: string, lines: readonly string[]): Promise<void>;
}>;

/** A copy of a bundle with its log unzipped, to be damaged; removed when the test ends. */
export async function copyBundle(
  t: { after(cleanUp: () => Promise<void>): void },
  name: BundleName,
): Promise<Bundle> {
  const dir = await mkdtemp(join(tmpdir(), 'bundle-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await cp(bundleDir(name), dir, { recursive: true });
  await writeFile(join(dir, 'audit.ndjson'), gunzipSync(await readFile(join(dir, 'audit.ndjson.gz'))));
  await rm(join(dir, 'audit.ndjson.gz'));
  return {
    dir,
    readLines: async (file) => (await readFile(join(dir, file), 'utf8')).split('\n').slice(0, -1),
    writeLines: (file, lines) => writeFile(join(dir, file), lines.map((line) => `${line}\n`).join('')),
  };
}
