// The house rules that a compiler does not know: what stands at the top, and which part may import which.
import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { readImports } from '../../scripts/test/read-imports.ts';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = ['api', 'workers', 'shared', 'scripts', 'test'] as const;
type Part = (typeof PARTS)[number];

const TOP_LEVEL = new Set<string>([
  ...[...PARTS, 'package.json', 'package-lock.json', 'tsconfig.json', 'node_modules'],
  ...['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'LICENSE'],
]);

/** The arrows: what a part may import besides itself and package.json. Where a file stands, it is the only one. */
const ARROWS: Record<Part, readonly string[]> = {
  api: ['shared/', 'workers/reports/pool.ts', 'workers/pdf/pdf.ts'],
  workers: ['shared/'],
  shared: [],
  scripts: ['shared/', 'workers/', 'api/openapi.ts'],
  test: ['api/', 'workers/', 'shared/', 'scripts/'],
};

/** The half of shared/audit that hashes; what stands on it reads, appends and judges. */
const HASHING = [
  'calendar',
  'canonical-json',
  'chain',
  'entry-grammar',
  'scan-entry',
  'scan-text',
  'seal',
  'text-hmac',
].map((name) => `shared/audit/${name}.ts`);

type Import = { from: string; specifier: string };

const sources = PARTS.flatMap((part) => globSync(`${part}/**/*.{ts,mjs}`, { cwd: ROOT })).sort();
const imports = sources.flatMap((from) =>
  readImports(readFileSync(join(ROOT, from), 'utf8')).map(({ specifier }): Import => ({ from, specifier })),
);

type Edge = readonly [from: string, to: string];

/** Imports of files of ours. */
const edges = imports.flatMap((found): Edge[] => {
  const target = targetOf(found);
  return target === null ? [] : [[found.from, target]];
});

/** The imported file, from the root; null for a package. */
function targetOf({ from, specifier }: Import): string | null {
  return specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(from), specifier)) : null;
}

function isAllowed(from: string, target: string): boolean {
  const part = PARTS.find((name) => from.startsWith(`${name}/`));
  if (part === undefined) return false;
  return [`${part}/`, 'package.json', ...ARROWS[part]].some((allowed) =>
    allowed.endsWith('/') ? target.startsWith(allowed) : target === allowed,
  );
}

/** Packages that a file has loaded by the time it runs. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const { specifier, isType, isLate } of readImports(readFileSync(join(ROOT, file), 'utf8'))) {
    if (isType || isLate || specifier.startsWith('node:')) continue;
    const target = targetOf({ from: file, specifier });
    if (target === null) packages.add(specifier.split('/')[0] as string);
    else if (target.endsWith('.ts')) for (const name of packagesOf(target, seen)) packages.add(name);
  }
  return packages;
}

test('a command loads no queues, no printer and no telephone codes before it needs them', () => {
  const heavy = ['bullmq', 'ioredis', 'puppeteer-core', 'libphonenumber-js'];
  const commands = [
    ...['accounts', 'backfill-merkle-roots', 'export', 'import', 'issue-login', 'logins', 'pack-segments'],
    ...['rebuild-aggregates', 'tokens', 'verify'],
  ].map((name) => `scripts/${name}.ts`);
  for (const command of commands) {
    const loaded = packagesOf(command);
    assert.ok(loaded.has('mongodb'), command);
    assert.deepEqual(
      heavy.filter((name) => loaded.has(name)),
      [],
      command,
    );
  }
  assert.ok(packagesOf('workers/main.ts').has('bullmq'));
});

test('the top folder holds only the documented entries', () => {
  const strangers = readdirSync(ROOT).filter((name) => !name.startsWith('.') && !TOP_LEVEL.has(name));
  assert.deepEqual(strangers, []);
});

test('every import follows the arrows', () => {
  const wrong = imports.filter((found) => {
    const target = targetOf(found);
    return target !== null && !isAllowed(found.from, target);
  });
  assert.deepEqual(wrong, []);
});

test('the arrows forbid an import that they do not list', () => {
  assert.ok(!isAllowed('shared/a.ts', 'api/app.ts'));
  assert.ok(!isAllowed('scripts/start.ts', 'api/app.ts'));
  assert.ok(!isAllowed('workers/a.ts', 'api/app.ts'));
  assert.ok(!isAllowed('api/app.ts', 'workers/reports/walk.ts'));
  assert.ok(isAllowed('api/app.ts', 'workers/reports/pool.ts'));
});

test('the imports of all files are found', () => {
  const found = imports.map((each) => `${each.from} ${targetOf(each) ?? each.specifier}`);
  for (const expected of [
    'scripts/bootstrap.mjs scripts/setup/node.mjs',
    'scripts/start.ts shared/process/config.ts',
    'api/main.ts workers/reports/pool.ts',
    'test/house/imports.test.ts node:test',
  ]) {
    assert.ok(found.includes(expected), expected);
  }
});

test('every file named as the hashing half is there', () => {
  assert.deepEqual(
    HASHING.filter((file) => !sources.includes(file)),
    [],
  );
});

test('merkle imports none of our other folders', () => {
  const wrong = imports.filter(
    (found) =>
      found.from.startsWith('shared/merkle/') &&
      !(targetOf(found) ?? 'shared/merkle/').startsWith('shared/merkle/'),
  );
  assert.deepEqual(wrong, []);
});

test('audit imports only itself and merkle', () => {
  const wrong = edges.filter(
    ([from, to]) => from.startsWith('shared/audit/') && !/^shared\/(audit|merkle)\//.test(to),
  );
  assert.deepEqual(wrong, []);
});

test('the hashing half of audit imports only itself and merkle', () => {
  const wrong = imports.filter((found) => {
    const target = targetOf(found);
    if (!HASHING.includes(found.from) || target === null) return false;
    return !HASHING.includes(target) && !target.startsWith('shared/merkle/');
  });
  assert.deepEqual(wrong, []);
});

test('data of all accounts is read by workers and scripts alone', () => {
  const isFleet = (file: string) => /^shared\/.*\/fleet-[^/]+$/.test(file);
  assert.ok(sources.filter(isFleet).length > 3);
  const wrong = edges.filter(([from, to]) => isFleet(to) && !/^(workers|scripts|test)\//.test(from));
  assert.deepEqual(wrong, []);
});

test('every import of a file names its extension', () => {
  const bare = imports.filter(
    (found) => targetOf(found) !== null && !/\.(ts|mjs|json)$/.test(found.specifier),
  );
  assert.deepEqual(bare, []);
});

test('the environment is read by entry files only', () => {
  const ENTRIES = [/^(api|workers)\/main\.ts$/, /^scripts\//, /^test\//];
  const wrong = sources.filter(
    (file) =>
      !ENTRIES.some((entry) => entry.test(file)) &&
      /\bprocess\.env\b/.test(stripComments(readFileSync(join(ROOT, file), 'utf8'))),
  );
  assert.deepEqual(wrong, []);
});

test('no file imports itself by way of others', () => {
  assert.deepEqual(findCircles(edges), []);
});

test('no folder imports itself by way of others', () => {
  const folders = edges.map(([from, to]): Edge => [dirname(from), dirname(to)]);
  assert.deepEqual(findCircles(folders), []);
});

test('a circle is found wherever it begins, and a diamond is none', () => {
  assert.deepEqual(
    findCircles([
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
      ['d', 'd'],
    ]),
    ['b c'],
  );
  assert.deepEqual(
    findCircles([
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'd'],
    ]),
    [],
  );
});

/**
 * The circles of a graph, each as its sorted members: the strongly connected components of two or more (Tarjan 1972).
 * An edge from a node to itself is no circle.
 */
function findCircles(graph: readonly Edge[]): string[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of graph) {
    if (!next.has(to)) next.set(to, new Set());
    next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[] = [];
  const visit = (node: string) => {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    path.push(node);
    for (const other of next.get(node) ?? []) {
      if (!order.has(other)) visit(other);
      if (path.includes(other)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(other)!));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const circle = path.splice(path.indexOf(node));
    if (circle.length > 1) circles.push(circle.sort().join(' '));
  };
  for (const node of next.keys()) if (!order.has(node)) visit(node);
  return circles;
}

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

test('programs that the service and the set-up run are given an environment, and none of the keys in ours', () => {
  const runs = /\b(spawn|execa|execFile|fork)\)?\(/g;
  const files = sources.filter((file) =>
    /^(workers|shared|api|scripts\/(setup|verify|command))\//.test(file),
  );
  const silent = files.filter((file) => {
    const text = stripComments(readFileSync(join(ROOT, file), 'utf8'));
    const calls = text.match(runs)?.length ?? 0;
    return calls > (text.match(/\benv\b(: [^}]|,)/g)?.length ?? 0);
  });
  // The keeper has what its parent gave it, as npm has. Node alone is asked for its version.
  assert.deepEqual(silent, ['scripts/setup/install.mjs', 'scripts/setup/keeper.mjs']);
});
