// Asks the configuration for what is wrong with an environment.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ConfigError, parseConfig } from '../../shared/process/config.ts';
import { temporaryFolder } from './temporary-folder.ts';

export function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

/** A file with this text, removed with the test. */
export function temporaryFile(t: TestContext, text: string | Uint8Array): string {
  const file = join(temporaryFolder(t), 'secret');
  writeFileSync(file, text);
  return file;
}
