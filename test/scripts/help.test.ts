import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { readCommands } from '../../scripts/help.ts';
import { runScript } from '../support/commands.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

test('README and npm run help list every command of package.json, and no other', () => {
  const named = readCommands(README).map(({ usage }) => /^npm (?:run )?([\w:-]+)/.exec(usage)?.[1] ?? usage);
  assert.deepEqual([...new Set(named)].sort(), Object.keys(packageJson.scripts).sort());
});

test('npm run help prints each command with a line, and no marks of Markdown', async () => {
  const { code, stdout, stderr } = await runScript('help.ts', [], { PATH: '' });
  assert.deepEqual([code, stderr], [0, '']);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, readCommands(README).length);
  for (const line of lines) assert.match(line, /^npm \S.*? {2,}[a-z][^`\]]*$/i);
  assert.ok(
    lines.some((line) => /^npm run import -- DIR +checks an account's export and imports it/.test(line)),
  );
});

test('README links to headings and files that are there', () => {
  const headings = [...README.matchAll(/^#+ (.*)$/gm)].map(
    ([, title = '']) =>
      `#${title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-')}`,
  );
  const links = [...README.matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => to);
  const local = links.filter((to) => !/^https?:/.test(to));
  const isThere = (to: string) =>
    to.startsWith('#') ? headings.includes(to) : existsSync(join(import.meta.dirname, '../..', to));
  assert.ok(local.length > 20);
  assert.deepEqual(
    local.filter((to) => !isThere(to)),
    [],
  );
});
