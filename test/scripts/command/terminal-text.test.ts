// Text of others that a command prints: it must not reach the terminal as anything but text.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXIT, runCommand } from '../../../scripts/command/command.ts';
import { terminalJson, terminalLines, terminalText } from '../../../scripts/command/terminal-text.ts';
import { parseJson } from '../../../shared/audit/canonical-json.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { runScript } from '../../support/commands.ts';

/** Escape, CSI in one byte, a line end, right-to-left override, line separator, a tag beyond the first plane. */
const RAW = 'x\u001b[31m\u009b2J\nFAKE\r\u202e\u2028\u{e0041}';
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe('text for a terminal', () => {
  it('has every unsafe character escaped, and keeps its other ones', () => {
    const escaped = 'x\\u{1b}[31m\\u{9b}2J\\u{a}FAKE\\u{d}\\u{202e}\\u{2028}\\u{e0041}';
    assert.equal(terminalText(RAW), escaped);
    assert.equal(terminalLines(RAW), escaped.replace('\\u{a}', '\n'));
    assert.equal(terminalText('Zoë — 診療所 😀'), 'Zoë — 診療所 😀');
  });

  it('as JSON is read as the value that it was', () => {
    const value = { name: RAW, [RAW]: 1 };
    assert.doesNotMatch(terminalJson(value), UNSAFE);
    assert.deepEqual(Object.fromEntries(parseJson(terminalJson(value)) as Map<string, unknown>), value);
  });
});

describe('a command that repeats its arguments in an error', () => {
  const account = ['--account', newId('account')];
  const commands: [script: string, ...args: string[]][] = [
    ['tokens.ts', ...account, RAW],
    ['tokens.ts', ...account, '--create', 'n', '--scopes', RAW],
    ['tokens.ts', ...account, `--${RAW}`],
    ['logins.ts', ...account, RAW],
    ['issue-login.ts', ...account, '--permissions', RAW],
    ['issue-login.ts', ...account, '--user', RAW],
    ['import.ts', RAW, '--dry-run'],
    ['import.ts', `--${RAW}`],
    ['verify.ts', `${RAW}.json`],
    ['verify.ts', RAW],
    ['backfill-merkle-roots.ts', RAW],
    ['backfill-merkle-roots.ts', '--since', RAW],
    ['rebuild-aggregates.ts', RAW],
    ['test.ts', RAW],
    ['test-unit.ts', RAW],
    ['bench/main.ts', '--only', RAW],
    ['start.ts', RAW],
  ];
  for (const [script, ...args] of commands) {
    it(`${script} ${args.map((arg) => (arg.startsWith('--') ? terminalText(arg) : '…')).join(' ')} prints them escaped`, async () => {
      const { code, stdout, stderr } = await runScript(script, args, { PATH: process.env.PATH ?? '' });
      assert.notEqual(code, 0);
      for (const line of `${stdout}${stderr}`.split('\n')) {
        assert.doesNotMatch(line, UNSAFE);
        assert.doesNotMatch(line, /^FAKE/);
      }
    });
  }

  it('escapes an error of any kind, and keeps its lines', async (t) => {
    const printed = t.mock.method(console, 'error', () => {});
    t.mock.property(process, 'argv', process.argv.slice(0, 2));
    const exitCode = await runCommand('usage', {}, () => Promise.reject(new Error('one \u001b[31m\ntwo')));
    assert.equal(exitCode, EXIT.error);
    assert.deepEqual(printed.mock.calls[0]?.arguments, ['one \\u{1b}[31m\ntwo']);
  });
});
