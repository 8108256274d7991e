import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { readImports } from '../../../scripts/test/read-imports.ts';
import { FORGER_KEY } from '../../support/evidence-corpus/account-log.ts';
import { KEY, MACS, WITNESSES } from '../../support/evidence-corpus/case.ts';
import { packOf, sessionPdf } from '../../support/evidence-corpus/containers.ts';
import { eventProof, rangeProof } from '../../support/evidence-corpus/event-proofs.ts';
import { makeReport } from '../../support/evidence-corpus/session-reports.ts';
import { SESSIONS } from '../../support/evidence-corpus/sessions.ts';
import { base64, sha256 } from '../../support/evidence-corpus/trees.ts';
import { makeWide, widePdf } from '../../support/evidence-corpus/wide-reports.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { loadVerifier, VERIFY_MJS } from '../../support/verifiers/load-verifier.ts';

const PROGRAM = fileURLToPath(VERIFY_MJS);
const { sealed, long } = SESSIONS;
const whole = makeReport({ session: sealed });

const run = (args: readonly string[], cwd: string) =>
  execa(process.execPath, [PROGRAM, ...args], { cwd, reject: false, env: {}, extendEnv: false });

describe('verify.mjs', () => {
  it('prints a verdict an axis, in words, and exits 0', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'report.pdf'), sessionPdf(whole));
    writeFileSync(join(folder, 'keys.txt'), MACS[1]);
    const { stdout, exitCode } = await run(
      ['report.pdf', ...KEY, ...WITNESSES, '--audit-key-file', 'keys.txt'],
      folder,
    );
    assert.deepEqual(
      stdout.split('\n').map((line) => line.replace(/,.*/, '')),
      ['bytes', 'statement', 'entries', 'completeness', 'log', 'witnesses']
        .map((axis) => `${axis}: verified`)
        .concat('pages: not checked', 'macs: verified'),
    );
    assert.match(stdout, /^witnesses: verified, seen by witness\.example\.net\/w1 at 2026-05-03T/m);
    assert.equal(exitCode, 0);
  });

  it('has nothing green under a wrong key, and exits 2', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'report.pdf'), sessionPdf(whole));
    const { stdout, exitCode } = await run(['report.pdf', '--key', FORGER_KEY.vkey], folder);
    assert.doesNotMatch(stdout, /: verified/);
    assert.match(stdout, /^statement: failed, the statement is not signed by the key that you gave/m);
    assert.equal(exitCode, 2);
  });

  it('names both signed texts where two reports cannot both be true', async (t) => {
    const folder = temporaryFolder(t);
    const lying = makeReport({
      session: sealed,
      report: { merkle_root_hex: 'ab'.repeat(32) },
      evidence: null,
    });
    writeFileSync(join(folder, 'one.pdf'), sessionPdf(whole));
    writeFileSync(join(folder, 'two.pdf'), sessionPdf(lying));
    const { stdout, exitCode } = await run(['one.pdf', 'two.pdf', ...KEY], folder);
    assert.match(stdout, /^relation: failed, these cannot both be true: one log of 7 entries has two roots/m);
    for (const { json } of [whole, lying]) {
      assert.ok(stdout.includes(base64(sha256(json))));
    }
    assert.equal(exitCode, 2);
  });

  it('prints its usage, and refuses arguments that it does not know', async (t) => {
    const folder = temporaryFolder(t);
    const help = await run(['--help'], folder);
    assert.match(help.stdout, /^usage: node verify\.mjs FILE \[FILE\] --key VERIFIER_KEY/);
    assert.equal(help.exitCode, 0);
    const wrong = await run(['report.pdf', '--sign'], folder);
    assert.match(wrong.stderr, /^--sign is no option\.\n\nusage: /);
    assert.equal(wrong.exitCode, 64);
  });

  it('says of a file that is not there what is wrong with it, without moving the cursor', async (t) => {
    const { stderr, exitCode } = await run(['no\u001b[2Jfile.pdf', ...KEY], temporaryFolder(t));
    assert.equal(stderr, 'no\\u{1b}[2Jfile.pdf cannot be read (ENOENT)');
    assert.equal(exitCode, 1);
  });

  it('imports nothing but modules of Node, and nothing that opens a connection', () => {
    const specifiers = readImports(readFileSync(PROGRAM, 'utf8')).map(({ specifier }) => specifier);
    assert.deepEqual(specifiers, ['node:crypto', 'node:fs', 'node:url', 'node:zlib']);
    assert.doesNotMatch(readFileSync(PROGRAM, 'utf8'), /\b(?:fetch|import|require|eval|Function)\(/);
  });

  const FILES: Readonly<Record<string, readonly (readonly [name: string, bytes: Uint8Array])[]>> = {
    'a PDF': [['report.pdf', sessionPdf(whole)]],
    'a pack with its PDF': [['pack.zip', packOf(whole, undefined, undefined, sessionPdf(whole))]],
    'a JSON and its statement': [
      ['report.json', whole.json],
      ['report.note', Buffer.from(whole.note as string)],
    ],
    'a PDF on an account': [['account.pdf', widePdf(makeWide())]],
    'an event proof': [['event.json', eventProof(sealed, 4)]],
    'a range proof': [['range.json', rangeProof(long, 3, 8)]],
  };

  for (const [name, files] of Object.entries(FILES)) {
    it(`shows by --self-test that each changed bit of ${name} is caught`, async (t) => {
      const folder = temporaryFolder(t);
      for (const [file, bytes] of files) writeFileSync(join(folder, file), bytes);
      const { stdout, exitCode } = await run([...files.map(([file]) => file), ...KEY, '--self-test'], folder);
      const lines = stdout.split('\n');
      assert.equal(lines.at(-1), 'Every change was caught.');
      assert.ok(lines.length > 15);
      assert.doesNotMatch(stdout, /NOT CAUGHT/);
      assert.equal(exitCode, 0);
    });
  }

  it('exits 2 where --self-test finds a change that is not caught', async (t) => {
    const folder = temporaryFolder(t);
    const source = readFileSync(PROGRAM, 'utf8');
    const blind = source.replace(
      'if (exit === 0) missed += 1;',
      "if (name.includes('last byte')) missed += 1;",
    );
    assert.notEqual(blind, source);
    writeFileSync(join(folder, 'verify.mjs'), blind);
    writeFileSync(join(folder, 'report.pdf'), sessionPdf(whole));
    const args = [join(folder, 'verify.mjs'), 'report.pdf', ...KEY, '--self-test'];
    const { stdout, exitCode } = await execa(process.execPath, args, { cwd: folder, reject: false });
    assert.match(stdout, /^Changes that were not caught: 1\.$/m);
    assert.equal(exitCode, 2);
  });

  it('ends, and verifies nothing, on files made to exhaust it', async (t) => {
    const folder = temporaryFolder(t);
    const verify = await loadVerifier(VERIFY_MJS);
    const deep = (open: string, close: string) => `${open.repeat(200_000)}${close.repeat(200_000)}`;
    const hostile: Readonly<Record<string, string>> = {
      'nested lists': `{"report":${deep('[', ']')}}`,
      'nested objects': `{"report":${deep('{"a":', '')}`,
      'a proof of 2^53 - 1 entries': eventProof(sealed, 4)
        .toString()
        .replace('"size":7', '"size":9007199254740991'),
      'a PDF of open lists': `%PDF-1.7\n%\x81\x81\x81\x81\n\n1 0 obj\n${'[ '.repeat(300_000)}`,
      'a PDF of open dictionaries': `%PDF-1.7\n%\x81\x81\x81\x81\n\n1 0 obj\n${'<<\n/A '.repeat(300_000)}`,
      'a PDF of an open text': `%PDF-1.7\n%\x81\x81\x81\x81\n\n1 0 obj\n${'('.repeat(3_000_000)}`,
      'a zip of an end alone': `PK\u0005\u0006${'\0'.repeat(18)}`,
      'a note of two million lines': `masker-evidence/report/v1\n${'\u2014 a AAAAAAA=\n'.repeat(200_000)}`,
    };
    for (const [name, text] of Object.entries(hostile)) {
      const file = join(folder, 'hostile');
      writeFileSync(file, Buffer.from(text, 'latin1'));
      const { exit, lines } = await verify([file, ...KEY]);
      assert.notEqual(exit, 0, name);
      assert.ok(!lines.some(({ verdict, axis }) => verdict === 'verified' && axis !== 'log'), name);
    }
  });
});
