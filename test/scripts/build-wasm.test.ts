import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runScript } from '../support/commands.ts';

describe('npm run build:wasm', () => {
  it('build:wasm prints its usage on --help, and takes no arguments', async () => {
    const env = { PATH: process.env.PATH ?? '' };
    const help = await runScript('build-wasm.ts', ['--help'], env);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^usage: npm run build:wasm/);
    assert.equal((await runScript('build-wasm.ts', ['x'], env)).code, 64);
  });
});
