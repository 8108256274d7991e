// The first pass over bundles that somebody made up: each fault is named by its row and line, nothing is thrown, and no
// number of faults takes memory.
import assert from 'node:assert/strict';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, it, type TestContext } from 'node:test';
import { createGzip, gzipSync } from 'node:zlib';
import { readAgents } from '../../../scripts/import/bundle-agents.ts';
import { findFiles, RefusedBundle } from '../../../scripts/import/bundle-files.ts';
import { checkBundle } from '../../../scripts/import/check-bundle.ts';
import { KEPT_PROBLEMS, Problems } from '../../../scripts/import/problems.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { parseConfig } from '../../../shared/process/config.ts';
import { copyBundle, readExpected } from '../../support/bundles.ts';
import { changeFile, copyCase } from '../../support/cases.ts';

const { auditKeys } = parseConfig({ AUDIT_KEYS: (await readExpected('clinic-week')).audit_keys });
const text = (bytes: Buffer) => bytes.toString();
const POLICY = 'policies/healthcare-default@1.yaml';

async function check(dir: string, refusedLimit?: number) {
  const files = await findFiles(dir);
  const problems = new Problems();
  const agents = await readAgents(files.agents, problems);
  const options = { auditKeys, accountName: undefined, refusedLimit };
  return await checkBundle(files, agents, options, problems);
}

/** Checks a changed copy of a bundle of three sessions. */
async function checkChanged(t: TestContext, file: string, change: (bytes: Buffer) => string | Uint8Array) {
  const dir = await copyCase(t, 'appledouble');
  await changeFile(dir, file, change);
  return await check(dir);
}

const WRONG = [
  null,
  true,
  -1,
  1.5,
  1e308,
  '',
  'x',
  '\u0000',
  '2026-02-30T00:00:00Z',
  [],
  ['x'],
  {},
  { a: [] },
];
type Row = Record<string, unknown> & { log: Record<string, unknown> };

/** A row with each of its fields, also within `log`, of each wrong value, and without it. */
function* mutants(line: string): Generator<[title: string, row: string]> {
  const row = JSON.parse(line) as Row;
  for (const value of [...WRONG, undefined]) {
    for (const name of Object.keys(row)) {
      if (JSON.stringify(row[name]) === JSON.stringify(value)) continue;
      yield [`${name} ${JSON.stringify(value)}`, JSON.stringify({ ...row, [name]: value })];
    }
    for (const name of Object.keys(row.log)) {
      const log = { ...row.log, [name]: value };
      yield [`log.${name} ${JSON.stringify(value)}`, JSON.stringify({ ...row, log })];
    }
  }
  yield [
    'deep',
    line.replace('"payloads":null', `"payloads":{"request":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
  ];
  yield ['own prototype', line.replace('{', '{"__proto__":{},')];
  for (const bare of ['null', '[]', '"x"', '7', '{}', '{', '}', '\u0000', '[[[['.repeat(9_999)])
    yield [bare.slice(0, 9), bare];
}

describe('a row that is at fault', () => {
  it('a session row with any field of another type is refused by its place, and the others are taken', async (t) => {
    const dir = await copyCase(t, 'appledouble');
    const good = (await readFile(join(dir, 'sessions.ndjson'), 'utf8')).trimEnd().split('\n');
    // Each under an id of its own, unless that is what is wrong: none has entries.
    const own = [...mutants(good[0] as string)].map(([title, row]) => {
      const id = newId('session');
      return { title, id, row: row.replace(/"id":"sess_\w+"/, `"id":"${id}"`) };
    });
    await writeFile(join(dir, 'sessions.ndjson'), [...good, ...own.map(({ row }) => row)].join('\n'));
    const { sessions, problems } = await check(dir);
    assert.equal(sessions.size, 3);
    for (const [i, { title, id }] of own.entries()) {
      const isNamed = (line: string) =>
        line.startsWith(`sessions.ndjson:${good.length + i + 1}: `) || line.startsWith(`${id}: truncated`);
      assert.ok(problems.lines.some(isNamed), title);
    }
    t.diagnostic(`${own.length} rows`);
  });

  it('an agent row with any field of another type is refused by its line', async (t) => {
    const dir = await copyCase(t, 'appledouble');
    let line = '';
    await changeFile(dir, 'agents.ndjson', (bytes) => {
      line = text(bytes).trimEnd();
      return bytes;
    });
    const row = JSON.parse(line) as Record<string, unknown>;
    for (const name of Object.keys(row)) {
      for (const value of [null, 7, '', [], {}, undefined]) {
        const wrong = JSON.stringify({ ...row, id: newId('agent'), [name]: value });
        await writeFile(join(dir, 'agents.ndjson'), `${line}\n${wrong}\n`);
        const { problems, sessions } = await check(dir);
        assert.equal(sessions.size, 3);
        assert.match(problems.lines[0] ?? '', /^agents\.ndjson:2: /, wrong);
      }
    }
  });
});

describe('a bundle that an editor or a transfer changed', () => {
  it('blank lines, CRLF and byte order marks are passed over, and warned of by their names', async (t) => {
    for (const file of ['agents.ndjson', 'sessions.ndjson', 'audit.ndjson']) {
      const { sessions, problems } = await checkChanged(t, file, (bytes) => {
        const lines = text(bytes).trimEnd().split('\n');
        // Two files that were joined: a mark within.
        return `\ufeff${lines.join('\r\n\r\n \t\r\n\ufeff')}\r\r\n\n`;
      });
      assert.equal(sessions.size, 3, problems.lines.join('\n'));
      const said = problems.warnings.join('\n');
      assert.match(said, new RegExp(`^${file}: has \\d+ lines that begin with a byte order mark`, 'm'));
      assert.match(said, new RegExp(`^${file}: has \\d+ lines that end in CRLF.*first is line 1$`, 'm'));
      assert.match(said, new RegExp(`^${file}: has \\d+ blank lines, which are passed over`, 'm'));
    }
  });

  it('UTF-16 is named, with and without its mark, in whole files and in lines that were added', async (t) => {
    for (const mark of ['\ufeff', '']) {
      const utf16 = (bytes: Buffer) => Buffer.from(mark + text(bytes), 'utf16le');
      for (const file of ['sessions.ndjson', 'audit.ndjson']) {
        await assert.rejects(checkChanged(t, file, utf16), (error) => {
          assert.ok(error instanceof RefusedBundle);
          assert.match(error.message, new RegExp(`^${file} is UTF-16 or UTF-32: write it as UTF-8$`));
          return true;
        });
      }
      const { problems } = await checkChanged(t, POLICY, utf16);
      assert.match(problems.lines.join('\n'), /healthcare-default@1\.yaml: is UTF-16/);
    }
    const added = await checkChanged(t, 'audit.ndjson', (bytes) =>
      Buffer.concat([bytes, Buffer.from('{"session_id":"x"}\n', 'utf16le')]),
    );
    assert.match(added.problems.lines[0] ?? '', /^audit\.ndjson:13: is UTF-16/);
  });

  it('a policy with CRLF is warned of, since its seals cover the bytes', async (t) => {
    const { problems } = await checkChanged(t, POLICY, (bytes) => text(bytes).replaceAll('\n', '\r\n'));
    assert.match(
      problems.warnings.join('\n'),
      /1\.yaml: has lines that end in CRLF, which count as a part of it/,
    );
  });

  it('a policy is taken under .yml and .yml.gz, and is the same version as its .yaml', async (t) => {
    const dir = await copyCase(t, 'appledouble');
    const yml = POLICY.replace('.yaml', '.yml');
    await rename(join(dir, POLICY), join(dir, yml));
    assert.equal((await check(dir)).sessions.size, 3);
    await changeFile(dir, yml, gzipSync, `${yml}.gz`);
    assert.equal((await check(dir)).sessions.size, 3);
    await writeFile(join(dir, POLICY), '');
    assert.match(
      (await check(dir)).problems.lines.join('\n'),
      /1\.yaml and .*1\.yml\.gz: are one policy version/,
    );
  });

  it('a line longer than an entry may be is named as that', async (t) => {
    const { problems } = await checkChanged(
      t,
      'audit.ndjson',
      (bytes) => `${text(bytes)}${'x'.repeat(40_000)}\n`,
    );
    assert.match(problems.lines[0] ?? '', /^audit\.ndjson:13: is longer than 32768 bytes/);
  });
});

describe('a bundle of nothing but faults', () => {
  /** Runs with little memory on top of what the process has. */
  async function grownBy(run: () => Promise<unknown>): Promise<number> {
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    await run().finally(() => clearInterval(watch));
    return (Math.max(peak, process.memoryUsage().rss) - before) / 2 ** 20;
  }

  /** By this process, from files and whatever else. */
  async function countBytesRead(): Promise<number> {
    return Number(/^rchar: (\d+)$/m.exec(await readFile('/proc/self/io', 'utf8'))?.[1]);
  }

  const COUNT = process.env.FAULT_ROUNDS === undefined ? 20_000 : 5_000_000;

  function* batches(line: (i: number) => string): Generator<string> {
    for (let i = 0; i < COUNT; i += 1_000) {
      yield Array.from({ length: 1_000 }, (_, at) => line(i + at))
        .join('\n')
        .concat('\n');
    }
  }

  it(`problems of ${COUNT} bad rows are kept to the first 1,000, and counted`, async (t) => {
    const dir = await copyCase(t, 'appledouble');
    const rows = createWriteStream(join(dir, 'sessions.ndjson'), { flags: 'a' });
    await pipeline(Readable.from(batches(() => '{"id":7}')), rows);
    let problems = new Problems();
    const grown = await grownBy(async () => {
      const bundle = await check(dir);
      problems = bundle.problems;
      assert.equal(bundle.sessions.size, 3);
      assert.equal(bundle.unreadRows, COUNT);
    });
    assert.equal(problems.lines.length, KEPT_PROBLEMS);
    assert.equal(problems.count, COUNT);
    t.diagnostic(`${grown.toFixed(0)} MiB`);
    assert.ok(grown < 400, `${grown} MiB more`);
  });

  it(`${COUNT} entries of as many sessions without a row take no memory for each`, async (t) => {
    const dir = await copyCase(t, 'appledouble');
    const id = newId('session').slice(0, -7);
    const entry = (i: number) => `{"session_id":"${id}${String(i).padStart(7, '0')}"}`;
    const more = createWriteStream(join(dir, 'more'));
    await pipeline(Readable.from(batches(entry)), more);
    const audit = createWriteStream(join(dir, 'audit.ndjson'), { flags: 'a' });
    await pipeline(createReadStream(join(dir, 'more')), audit);
    await rm(join(dir, 'more'));
    const grown = await grownBy(async () => {
      const { entries, problems } = await check(dir);
      assert.equal(entries.withoutRow, COUNT);
      assert.match(problems.lines.join('\n'), /entries of more than 10000 sessions belong to no row/);
    });
    t.diagnostic(`${grown.toFixed(0)} MiB`);
    assert.ok(grown < 400, `${grown} MiB more`);
  });

  it('more refused sessions than can be told apart refuse the bundle, with the first reason', async (t) => {
    const dir = await copyCase(t, 'appledouble');
    const rows = Array.from({ length: 101 }, () => `{"id":"${newId('session')}"}`);
    await changeFile(dir, 'sessions.ndjson', (bytes) => `${text(bytes)}${rows.join('\n')}`);
    await assert.rejects(
      check(dir, 100),
      /more than 100 sessions with a problem\. The first is sessions\.ndjson:4: sess_/,
    );
  });

  it('the faults of a hundred logs are named by one more reading of the entries', async (t) => {
    const { dir, readLines, writeLines } = await copyBundle(t, 'clinic-week');
    const lines = await readLines('audit.ndjson');
    await writeLines('audit.ndjson', [...lines, ...lines]);
    const { size } = await stat(join(dir, 'audit.ndjson'));
    const before = await countBytesRead();
    const { problems } = await check(dir);
    const readings = ((await countBytesRead()) - before) / size;
    // Six of the 120 logs have no entries.
    assert.equal(problems.count, 114);
    const isNamed = (line: string) => /^sess_\w+: (duplicate|altered) at seq \d+ \(audit/.test(line);
    assert.deepEqual(
      problems.lines.filter((line) => !isNamed(line)),
      [],
    );
    t.diagnostic(`${readings.toFixed(1)} readings`);
    assert.ok(readings < 4, `${readings} readings`);
  });

  it('a line that unfolds to eight times its bound is bounded while it is unzipped', async (t) => {
    const dir = await copyCase(t, 'appledouble');
    await rm(join(dir, 'sessions.ndjson'));
    const chunk = Buffer.alloc(2 ** 20, 'x');
    const bomb = Readable.from(Array.from({ length: 64 }, () => chunk));
    await pipeline(bomb, createGzip({ level: 1 }), createWriteStream(join(dir, 'sessions.ndjson.gz')));
    const grown = await grownBy(async () => {
      const { problems } = await check(dir);
      assert.match(problems.lines[0] ?? '', /^sessions\.ndjson\.gz:1: longer than 8388608 bytes$/);
    });
    t.diagnostic(`${grown.toFixed(0)} MiB`);
    assert.ok(grown < 300, `${grown} MiB more`);
  });
});
