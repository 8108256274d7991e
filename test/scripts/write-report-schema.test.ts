import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runScript } from '../support/commands.ts';

describe('npm run schema', () => {
  it('npm run schema prints its usage on --help, and takes no arguments', async () => {
    const env = { PATH: process.env.PATH ?? '' };
    const help = await runScript('write-report-schema.ts', ['--help'], env);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^usage: npm run schema/);
    assert.equal((await runScript('write-report-schema.ts', ['x'], env)).code, 64);
  });
});
