// Which reports a process with a signing key puts its name under: those of accounts whose log is its own, or has none yet.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import { createReportSigner } from '../../../shared/reports/report-signer.ts';
import { openAccountLog } from '../../../shared/transparency/account-log.ts';
import { formatCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { createCheckpointFile } from '../../../shared/transparency/checkpoint-file.ts';
import {
  createCheckpointMemory,
  type FiledCheckpoints,
} from '../../../shared/transparency/checkpoint-memory.ts';
import { DamagedLog } from '../../../shared/transparency/log-hashes.ts';
import { createLogHeads } from '../../../shared/transparency/log-heads.ts';
import { logOrigin } from '../../../shared/transparency/log-origin.ts';
import { LOG_HEADS, LOG_SEGMENTS, type StoredLogHead } from '../../../shared/transparency/log-rows.ts';
import {
  openSigning,
  type SigningSettings,
  signForAccount,
} from '../../../shared/transparency/open-signing.ts';
import { openPemSigner } from '../../../shared/transparency/signer.ts';
import { issueSession } from '../../../workers/reports/issue-session.ts';
import { NEVER, TEST_SIGNING } from '../../support/account-logs.ts';
import { writeSession } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { createLoggedWorld } from '../../support/logged-world.ts';
import { ASKER } from '../../support/report-facts.ts';
import { pemOf } from '../../support/signers.ts';

const { world, logs, pool: ownPool, openPool } = await createLoggedWorld({ after });
const OTHER = { ...TEST_SIGNING, privateKeyPem: pemOf(77) } as const;
const STATED = {
  subject: 'report',
  reportId: newId('report'),
  sha256Hex: 'ab'.repeat(32),
  generatedAt: '2026-05-03T21:30:11Z',
} as const;

const NO_FILES: FiledCheckpoints = { last: async () => null };

function signerOf(settings: SigningSettings, filed = NO_FILES) {
  const signing = openSigning(settings);
  const memory = createCheckpointMemory(signing.identity, filed, logs.reader);
  return createReportSigner(signing, createLogHeads(world.db), memory);
}

async function loggedAccount(): Promise<string> {
  const { accountId } = await writeSession(world, 2);
  await logs.logs.keep(accountId, NEVER);
  return accountId;
}

describe('who signs a report', () => {
  it('a process with another key signs nothing for an account whose checkpoint it cannot verify, also on what is not logged yet', async () => {
    const accountId = await loggedAccount();
    const { id: sessionId } = await writeSession(world, 3, { accountId });
    const order = { accountId, sessionId, baaChainText: null, format: 'json', issuedTo: ASKER } as const;
    const ledger = createReportLedger(world.db);
    const issue = async (settings: SigningSettings) => {
      const deps = { ledger, recordOutcome: async () => {}, checkpointMemory: null };
      const pool = settings === OTHER ? await openPool(OTHER) : ownPool;
      return await issueSession({ ...deps, pool, signStatement: signerOf(settings) }, order, {
        place: null,
        signal: NEVER,
      });
    };
    await assert.rejects(issue(OTHER), {
      code: 'report_generation_failed',
      reason: 'account_log',
      message: /not signed by SIGNING_KEY or one of RETIRED_KEYS/,
    });
    assert.deepEqual((await ledger.list(accountId, { after: null, limit: 10 })).length, 0);
    await issue(TEST_SIGNING);
    assert.deepEqual((await ledger.list(accountId, { after: null, limit: 10 })).length, 1);
  });

  it('an account whose log has no checkpoint yet gets reports, until another key has signed one', async () => {
    const { accountId } = await writeSession(world, 2);
    const sign = signerOf(OTHER);
    assert.ok(await sign(accountId, STATED));
    await logs.logs.keep(accountId, NEVER);
    await assert.rejects(sign(accountId, STATED), { reason: 'account_log' });
  });

  it('after a change of keys the earlier one is known where the configuration names it', async () => {
    const accountId = await loggedAccount();
    const { publicKey } = openPemSigner(TEST_SIGNING.privateKeyPem);
    for (const named of [{ previousPem: TEST_SIGNING.privateKeyPem }, { retiredPublicKeys: [publicKey] }]) {
      assert.ok(await signerOf({ ...OTHER, ...named })(accountId, STATED));
    }
    await assert.rejects(signerOf({ ...TEST_SIGNING, origin: 'another.example.org' })(accountId, STATED), {
      message:
        "The account log's checkpoint is not signed by SIGNING_KEY or one of RETIRED_KEYS under this LOG_ORIGIN. Look at /health and the log of the workers, which say whether the account log still holds.",
    });
  });

  it('a process without a key issues nothing for an account with a signed log', async () => {
    const sign = createReportSigner(null, createLogHeads(world.db), null);
    assert.equal(await sign(newId('account'), STATED), null);
    await assert.rejects(sign(await loggedAccount(), STATED), {
      reason: 'account_log',
      message: /no SIGNING_KEY and LOG_ORIGIN: set those of the service/,
    });
  });

  it('an account whose log contradicts what was signed of it gets none until it holds again', async () => {
    const accountId = await loggedAccount();
    assert.ok(await signerOf(TEST_SIGNING)(accountId, STATED));
    const sign = signerOf(TEST_SIGNING);
    const heads = createLogHeads(world.db);
    await heads.markFailed(accountId, 'an older copy', null);
    const refused = {
      reason: 'account_log',
      message: /^The account log contradicts what was signed of it: no report of the account is signed/,
    };
    await assert.rejects(sign(accountId, STATED), refused);
    await heads.clearFailed(accountId);
    assert.ok(await sign(accountId, STATED));
    // It looks again a moment later.
    await heads.markFailed(accountId, 'an older copy', null);
    await eventually('it refuses', () => assert.rejects(async () => sign(accountId, STATED), refused));
  });

  for (const how of ['an older one', 'another of its size', 'none'] as const) {
    it(`no report is signed, and no checkpoint read, where ${how} stands in place of a checkpoint that is known`, async () => {
      const accountId = await loggedAccount();
      const heads = world.db.collection<StoredLogHead>(LOG_HEADS);
      const older = (await heads.findOne({ _id: accountId }))?.checkpoint;
      await writeSession(world, 2, { accountId });
      await logs.logs.keep(accountId, NEVER);
      const newest = (await heads.findOne({ _id: accountId }))?.checkpoint;
      assert.ok(older && newest);
      const sign = signerOf(TEST_SIGNING);
      assert.ok(await sign(accountId, STATED));
      const [signing, root] = [openSigning(TEST_SIGNING), Buffer.alloc(32, 7)];
      const memory = createCheckpointMemory(signing.identity, NO_FILES, logs.reader);
      const { reader } = openAccountLog(world.db, signing.identity, memory);
      assert.equal((await reader.checkpoint(accountId))?.size, newest.size);
      const text = formatCheckpoint({
        origin: logOrigin(signing.identity, accountId),
        size: newest.size,
        root,
      });
      const checkpoint = {
        'an older one': older,
        // Such a one takes the key; a process that has it may have signed over an older copy.
        'another of its size': {
          ...newest,
          root_hex: root.toString('hex'),
          note: await signForAccount(signing, accountId, text),
        },
        none: undefined,
      }[how];
      await heads.updateOne(
        { _id: accountId },
        checkpoint ? { $set: { checkpoint } } : { $unset: { checkpoint: '' } },
      );
      const refused = {
        reason: 'account_log',
        message: /^The stored checkpoint of the account log is behind one that was signed: /,
      };
      await eventually('it refuses', () => assert.rejects(async () => sign(accountId, STATED), refused));
      await assert.rejects(reader.checkpoint(accountId), DamagedLog);
      const filed = signerOf(TEST_SIGNING, createCheckpointFile(logs.dataDir));
      // Workers that were killed before they stored the newest leave the others like this.
      if (how !== 'another of its size') assert.ok(await filed(accountId, STATED));
      const segments = world.db.collection<{ _id: string; entries: string[] }>(LOG_SEGMENTS);
      const whole = await segments.findOne({ _id: `${accountId}/0` });
      assert.equal(whole?.entries.length, newest.size);
      const entries = whole.entries.slice(0, older.size);
      await segments.updateOne({ _id: whole._id }, { $set: { entries } });
      await eventually('it refuses', () => assert.rejects(async () => filed(accountId, STATED), refused));
      await segments.updateOne({ _id: whole._id }, { $set: { entries: whole.entries } });
      await heads.updateOne({ _id: accountId }, { $set: { checkpoint: newest } });
      assert.ok(await sign(accountId, STATED));
    });
  }

  it('an account is looked at once for many reports', async () => {
    const accountId = await loggedAccount();
    let reads = 0;
    const heads = createLogHeads(world.db);
    const counted = {
      find: (id: string) => {
        reads += 1;
        return heads.find(id);
      },
    };
    const sign = createReportSigner(openSigning(TEST_SIGNING), counted, null);
    for (let i = 0; i < 3; i += 1) assert.ok(await sign(accountId, STATED));
    assert.equal(reads, 1);
  });
});
