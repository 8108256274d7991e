import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runVerify } from '../../scripts/verify.ts';
import { commandEnv, type Finished } from '../support/commands.ts';
import { FORGER_KEY } from '../support/evidence-corpus/account-log.ts';
import { KEY, WITNESSES } from '../support/evidence-corpus/case.ts';
import { packOf, sessionPdf } from '../support/evidence-corpus/containers.ts';
import { eventProof } from '../support/evidence-corpus/event-proofs.ts';
import { makeReport } from '../support/evidence-corpus/session-reports.ts';
import { SESSIONS } from '../support/evidence-corpus/sessions.ts';
import { createReportWorld, KEYS } from '../support/report-world.ts';
import { runHere } from '../support/run-here.ts';
import { pemOf, TEST_ORIGIN } from '../support/signers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const whole = makeReport({ session: SESSIONS.sealed });
const AXES = ['bytes', 'statement', 'entries', 'completeness', 'log', 'witnesses', 'pages', 'macs'];

const axesOf = ({ stdout }: Finished) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/,.*/, ''));

describe('npm run verify -- FILE --key VERIFIER_KEY', () => {
  const withoutDatabase = (folder: string) => ({
    DATA_DIR: folder,
    PATH: process.env.PATH ?? '',
    CHROME_PATH: '',
  });

  it('checks a report by itself where no database is configured', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'report.pdf');
    writeFileSync(file, sessionPdf(whole));
    const found = await runHere(runVerify, [file, ...KEY, ...WITNESSES], withoutDatabase(folder));
    assert.deepEqual(
      axesOf(found),
      AXES.map((axis) => `${axis}: ${axis === 'pages' || axis === 'macs' ? 'not checked' : 'verified'}`),
    );
    assert.equal(found.code, 0);
  });

  it('has nothing verified under a wrong key, and exits 2', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'pack.zip');
    writeFileSync(file, packOf(whole));
    const found = await runHere(runVerify, [file, '--key', FORGER_KEY.vkey], withoutDatabase(folder));
    assert.ok(!axesOf(found).some((line) => line.endsWith(': verified')));
    assert.equal(found.code, 2);
  });

  it('shows by --self-test that each changed bit is caught', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'event.json');
    writeFileSync(file, eventProof(SESSIONS.sealed, 4));
    const found = await runHere(runVerify, [file, ...KEY, '--self-test'], withoutDatabase(folder));
    assert.match(found.stdout, /^a bit of event_proof hashes 0: caught, by entries$/m);
    assert.match(found.stdout, /^Every change was caught\.$/m);
    assert.equal(found.code, 0);
  });

  it('asks for the key where an option says nothing without it', async (t) => {
    const folder = temporaryFolder(t);
    const args = [join(folder, 'report.pdf'), '--require', 'log'];
    const { code, stderr } = await runHere(runVerify, args, withoutDatabase(folder));
    assert.match(stderr, /^Name the verifier key, too: --key\.$/m);
    assert.equal(code, 64);
  });

  it('compares the report with the database where there is one, on axes of their own', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const file = join(world.folder, 'report.json');
    writeFileSync(file, json);
    const signing = { SIGNING_KEY: pemOf(1), LOG_ORIGIN: TEST_ORIGIN };
    const env = { ...commandEnv(world.database, world.folder, KEYS), ...signing };
    const found = await runHere(runVerify, [file, ...KEY], env);
    assert.deepEqual(axesOf(found).slice(8), [
      'stored log: verified',
      'stored report: verified',
      'ledger: verified',
    ]);
    // What the operator's own database says is no signature.
    assert.deepEqual(axesOf(found).slice(0, 2), ['bytes: not checked', 'statement: not checked']);
    assert.equal(found.code, 1);
    writeFileSync(file, whole.json);
    const strange = await runHere(runVerify, [file, ...KEY], env);
    assert.deepEqual(axesOf(strange).slice(8), [
      'stored log: not checked',
      'stored report: not checked',
      'ledger: not checked',
    ]);
    assert.equal(strange.code, 0);
  });
});
