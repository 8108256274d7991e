import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const { findMissing } = await import(new URL('../../../scripts/setup/packages.mjs', import.meta.url).href);

type Locked = { version: string; dev?: true; optional?: true };

const LOCKED: Record<string, Locked> = {
  '': { version: '1.0.0' },
  'node_modules/koa': { version: '3.3.0' },
  'node_modules/typescript': { version: '7.0.2', dev: true },
  'node_modules/other-platform': { version: '1.0.0', optional: true },
};

/** A project whose lock file names `LOCKED`, with these packages installed. */
function createProject(t: TestContext, installed: Record<string, Locked>): string {
  const root = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: LOCKED }));
  mkdirSync(join(root, 'node_modules'));
  for (const path of Object.keys(installed)) {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'package.json'), '{}');
  }
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }));
  return root;
}

const COMPLETE = {
  'node_modules/koa': { version: '3.3.0' },
  'node_modules/typescript': { version: '7.0.2' },
};

test('no package is missing where all needed ones are installed', (t) => {
  assert.deepEqual(findMissing(createProject(t, COMPLETE)), []);
});

test('all needed packages are missing where nothing was installed', (t) => {
  const root = createProject(t, {});
  rmSync(join(root, 'node_modules'), { recursive: true });
  assert.deepEqual(findMissing(root), ['node_modules/koa', 'node_modules/typescript']);
});

test('a package at another version is missing', (t) => {
  const root = createProject(t, { ...COMPLETE, 'node_modules/koa': { version: '3.2.0' } });
  assert.deepEqual(findMissing(root), ['node_modules/koa']);
});

test('a package whose folder was removed is missing', (t) => {
  const root = createProject(t, COMPLETE);
  rmSync(join(root, 'node_modules/koa'), { recursive: true });
  assert.deepEqual(findMissing(root), ['node_modules/koa']);
});

test('a production installation needs no development package', (t) => {
  const root = createProject(t, { 'node_modules/koa': { version: '3.3.0' } });
  const before = process.env.NODE_ENV;
  t.after(() => {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  });
  process.env.NODE_ENV = 'production';
  assert.deepEqual(findMissing(root), []);
});
