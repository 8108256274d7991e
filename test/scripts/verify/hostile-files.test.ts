// `npm run verify -- FILE` on files made to cost memory: each ends with a verdict, in a process of less than 512 MB.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { formatVerifierKey, verifierKeyOf } from '../../../shared/transparency/verifier-key.ts';
import { COMPILE_CACHE } from '../../support/compile-cache.ts';
import { KEY } from '../../support/evidence-corpus/case.ts';
import { pdfOfLongEntries } from '../../support/evidence-corpus/large-files.ts';
import { HOSTILE_JSON, HOSTILE_PDFS } from '../../support/hostile-files.ts';
import { rounds } from '../../support/rounds.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const LIMIT_MB = 512;
/** One in so many: all take a minute. */
const EACH = rounds(5, 1);
/** Says at the end how much memory the process had at most. */
const TELL = "process.on('exit', () => console.error('rss=' + process.resourceUsage().maxRSS))";

type Verified = Readonly<{ code: number | null; stdout: string; stderr: string; rssMb: number }>;

async function verify(t: TestContext, name: string, bytes: Uint8Array, ...args: string[]): Promise<Verified> {
  const folder = await mkdtemp(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  await writeFile(file, bytes);
  const options = ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`];
  const child = spawn(process.execPath, [...options, join(ROOT, 'scripts/verify.ts'), file, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', DATA_DIR: folder, ...COMPILE_CACHE },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text));
  child.stderr.on('data', (text: Buffer) => (stderr += text));
  const { promise, resolve: finish } = Promise.withResolvers<number | null>();
  child.on('close', finish);
  const code = await promise;
  const rss = /rss=(\d+)/.exec(stderr)?.[1];
  assert.ok(rss !== undefined, stderr.slice(-2000));
  return { code, stdout, stderr, rssMb: Number(rss) / 1024 };
}

describe('npm run verify on a hostile file', { concurrency: 2 }, () => {
  for (const [type, files, axis] of [
    ['json', HOSTILE_JSON, 'schema'],
    ['pdf', HOSTILE_PDFS, 'structure'],
  ] as const) {
    for (const [name, make] of Object.entries(files).filter((_, i) => i % EACH === 0)) {
      test(`${type}, ${name}: it is refused within ${LIMIT_MB} MB`, async (t) => {
        const { code, stdout, rssMb } = await verify(t, `report.${type}`, make());
        t.diagnostic(`${Math.round(rssMb)} MB: ${stdout.trim()}`);
        // A report over more sessions than usual may be honest: it is not called false for its size.
        assert.match(stdout, new RegExp(`^${axis}: (?:FAILED|unverifiable), `));
        assert.equal(code, stdout.includes('FAILED') ? 2 : 1);
        assert.ok(rssMb < LIMIT_MB, `${rssMb} MB`);
      });
    }
  }
});

test(`npm run verify takes the largest PDF that is issued within ${LIMIT_MB} MB`, async (t) => {
  const bytes = pdfOfLongEntries(() => randomBytes(24_100).toString('base64'));
  const { stdout, rssMb } = await verify(t, 'report.pdf', bytes, ...KEY);
  t.diagnostic(`${Math.round(rssMb)} MB`);
  assert.match(stdout, /^bytes: verified, .*\nstatement: verified, .*\nentries: verified, /);
  assert.ok(rssMb < LIMIT_MB, `${rssMb} MB`);
});

describe('npm run verify with a key on a hostile file', { concurrency: 2 }, () => {
  const key = formatVerifierKey(verifierKeyOf('example.org/log', new Uint8Array(32).fill(7)));
  for (const [type, files] of [
    ['json', HOSTILE_JSON],
    ['pdf', HOSTILE_PDFS],
  ] as const) {
    for (const [name, make] of Object.entries(files).filter((_, i) => i % EACH === 0)) {
      test(`${type}, ${name}: nothing of it is verified, within ${LIMIT_MB} MB`, async (t) => {
        const { code, stdout, stderr, rssMb } = await verify(t, `report.${type}`, make(), '--key', key);
        t.diagnostic(`${Math.round(rssMb)} MB: ${stdout.split('\n', 1)[0] ?? ''}`);
        const isRefused = /is no report, pack, statement or proof|is larger than/.test(stderr);
        assert.match(stdout, isRefused ? /^$/ : /^bytes: (?:failed|not checked), /);
        assert.doesNotMatch(stdout, /: verified, /);
        assert.equal(code, stdout.includes('failed') ? 2 : 1);
        assert.ok(rssMb < LIMIT_MB, `${rssMb} MB`);
      });
    }
  }
});
