// Runs the commands that a report's pages print, as a reader would.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { textOf } from './report-documents.ts';

export const NO_JQ = spawnSync('jq', ['--version']).error ? 'jq is not installed' : false;

/** The block of commands below the heading. */
export function commandsUnder(heading: string, markup: string): string {
  const block = markup
    .split(`<h3>${heading}</h3>`)[1]
    ?.match(/<pre class="commands"><code>([\s\S]*?)<\/code>/)?.[1];
  assert.ok(block);
  return textOf(block);
}

/** What bash prints, in a folder that holds the files alone. */
export function runCommands(
  t: TestContext,
  commands: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  input = '',
): string {
  const folder = mkdtempSync(join(tmpdir(), 'by-hand-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const { stdout, stderr, status } = spawnSync('bash', ['-c', commands], {
    cwd: folder,
    input,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout;
}
