// Which account log an import takes over, and beside which one it begins another: two histories under one key contradict
// each other for good.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createPolicyRepository } from '../../../shared/policy/policy-repository.ts';
import type { StoredLogHead } from '../../../shared/transparency/log-rows.ts';
import { formatVerifierKey, verifierKeyOf } from '../../../shared/transparency/verifier-key.ts';
import { SIGNING_ENV, TEST_SIGNING } from '../../support/account-logs.ts';
import type { ImportWorld } from '../../support/import-world.ts';
import { pemOf, signerOf } from '../../support/signers.ts';
import {
  changedCopy,
  countStored,
  createSmallAccount,
  importTwice,
  recordOn,
  type SmallAccount,
} from '../../support/small-account.ts';
import { startWitness } from '../../support/witness.ts';

/** Of the case that the small account is made from. */
const ACCOUNT = 'acc_01KT07NV00CPX3DEJZDNW4GCA5';

type Lines = (lines: string[]) => readonly string[] | null;

/** Changes a value within the line of the checkpoint. */
function inCheckpoint(change: (checkpoint: Record<string, unknown>) => object): Lines {
  return ([first = '', ...rest]) => {
    const { checkpoint } = JSON.parse(first) as { checkpoint: Record<string, unknown> };
    return [JSON.stringify({ checkpoint: { ...checkpoint, ...change(checkpoint) } }), ...rest];
  };
}

const swapLetter = (text: string, at: number) =>
  `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;

const damageSignature: Lines = (lines) =>
  lines.map((line) => line.replace(/("signature":")(....)/, '$1AAAA'));

/** Ways to damage the file, whichever of its parts is left to say whose it was. */
const DAMAGES: Readonly<Record<string, Lines>> = {
  'another root beside the note': inCheckpoint(() => ({ root_hex: '00'.repeat(32) })),
  'another size beside the note': inCheckpoint(() => ({ size: 3 })),
  'a letter of the note’s origin': inCheckpoint(({ note }) => ({ note: swapLetter(String(note), 3) })),
  'a letter of the signature’s name': inCheckpoint(({ note }) => {
    const text = String(note);
    return { note: swapLetter(text, text.indexOf('—') + 3) };
  }),
  'a letter of the key id': inCheckpoint(({ note }) => {
    const text = String(note);
    return { note: swapLetter(text, text.lastIndexOf(' ') + 2) };
  }),
  'a letter of the signature': inCheckpoint(({ note }) => {
    const text = String(note);
    return { note: swapLetter(text, text.length - 12) };
  }),
  'a first line that is none': ([_, ...rest]) => ['garbage', ...rest],
  'a line of garbage before the first': (lines) => ['garbage', ...lines],
  'no checkpoint, and a segment whose signature is another': ([_, ...rest]) => damageSignature(rest),
  'nothing but garbage': () => ['garbage'],
  'no line': () => [],
  'a blank line': () => ['', ' '],
  'no file': () => null,
  'a member that is given twice': ([first = '', second = '']) => [
    first,
    second.replace('{"entries":[', '{"entries":["zzz"],"entries":['),
  ],
};

async function exportSmall(t: TestContext): Promise<{ account: SmallAccount; whole: string }> {
  const account = await createSmallAccount(t);
  return { account, whole: await account.exportTo('whole') };
}

describe('a damaged account log of this deployment’s key', () => {
  it('refuses the bundle whatever is damaged, and begins no other log', async (t) => {
    const { whole } = await exportSmall(t);
    for (const [what, damage] of Object.entries(DAMAGES)) {
      const dir = await changedCopy(whole, `log ${what}`, { 'account-log.ndjson': damage });
      const { code, stdout, stderr, world } = await importTwice(t, dir);
      assert.equal(code, 2, `${what}: ${stdout}${stderr}`);
      assert.match(stderr, /^refused: account-log\.ndjson: .* Nothing was imported/, what);
      assert.equal(await countStored(world), 0, what);
    }
  });

  it('refuses a bundle of an earlier version, which does not say how long its log was', async (t) => {
    const { whole } = await exportSmall(t);
    for (const what of ['no line', 'no file', 'nothing but garbage'] as const) {
      const dir = await changedCopy(whole, `old ${what}`, {
        ...{ 'account-log.ndjson': DAMAGES[what]!, 'account.json': withoutSize },
        ...{ 'sessions.ndjson': withoutIndex, 'reports.ndjson': withoutIndex },
      });
      const { code, stdout, stderr } = await importTwice(t, dir);
      assert.equal(code, 2, `${what}: ${stdout}${stderr}`);
      assert.match(
        stderr,
        /^refused: account-log\.ndjson: .*(4 signed reports, .* are not in it|are signed by)/,
        what,
      );
    }
  });

  it('refuses a bundle in which nothing says whose its account log is', async (t) => {
    const { whole } = await exportSmall(t);
    const dir = await changedCopy(whole, 'bare log', {
      'account-log.ndjson': ([_, ...rest]) => damageSignature(rest),
      'reports.ndjson': () => [],
    });
    const { code, stderr } = await importTwice(t, dir);
    assert.equal(code, 2);
    assert.match(stderr, /nothing in the bundle says by whose key it was signed: put the exported file/);
  });
});

const withoutSize: Lines = (lines) => lines.map((line) => line.replace(/"account_log_size":\d+,/, ''));
const withoutIndex: Lines = (lines) => lines.map((line) => line.replace(/"log_index":\d+,/, ''));

describe('an account log of another deployment', () => {
  it('is not taken over under another key or origin, and a new one begins with a warning', async (t) => {
    const { whole } = await exportSmall(t);
    const others = [
      { SIGNING_KEY: pemOf(9) },
      { LOG_ORIGIN: 'other.example.org' },
      { SIGNING_KEY: pemOf(9), LOG_ORIGIN: 'other.example.org' },
    ];
    for (const other of others) {
      const { code, stdout, world } = await importTwice(t, whole, { ...SIGNING_ENV, ...other });
      assert.match(stdout, /^warning account-log\.ndjson: it was signed under another SIGNING_KEY/m);
      assert.equal(await world.db.collection('account_log_segments').countDocuments(), 0);
      // Under its own origin, statements by another key are refused: it may be one that is missing in RETIRED_KEYS.
      assert.equal(code, 'LOG_ORIGIN' in other ? 0 : 2, stdout);
    }
  });

  it('refuses a bundle whose ledger is signed by this deployment’s key, and its log by another', async (t) => {
    const { whole } = await exportSmall(t);
    const { whole: foreign } = await exportSmall(t);
    const log = await readFile(join(foreign, 'account-log.ndjson'), 'utf8');
    const other = inCheckpoint(({ note }) => ({ note: String(note).replaceAll('evidence.', 'audit.') }));
    const dir = await changedCopy(whole, 'mixed', {
      'account-log.ndjson': () => damageSignature([...other(log.split('\n').slice(0, -1))!])!,
    });
    const { code, stderr, world } = await importTwice(t, dir);
    assert.equal(code, 2);
    assert.match(stderr, /reports of the ledger are signed by this deployment’s key/);
    assert.equal(await countStored(world), 0);
  });
});

describe('an account log that is older than the bundle', () => {
  it('refuses the bundle, whichever file of it is newer', async (t) => {
    const { account } = await exportSmall(t);
    const older = await account.exportTo('older');
    const log = (await readFile(join(older, 'account-log.ndjson'), 'utf8')).split('\n').slice(0, -1);
    await recordOn(account, account.sessionIds[2]!);
    await account.keep();
    const newer = await account.exportTo('newer');
    const newerLog = (await readFile(join(newer, 'account-log.ndjson'), 'utf8')).split('\n').slice(0, -1);
    const old: Lines = () => log;
    const cases: Record<string, Record<string, Lines>> = {
      'all but the log': {},
      'account.json alone': { 'reports.ndjson': withoutIndex, 'sessions.ndjson': withoutIndex },
      'the ledger’s indexes alone': { 'account.json': withoutSize, 'sessions.ndjson': withoutIndex },
      'the ledger’s signatures alone': {
        ...{ 'account.json': withoutSize, 'sessions.ndjson': withoutIndex, 'reports.ndjson': withoutIndex },
      },
    };
    for (const [what, changes] of Object.entries(cases)) {
      const dir = await changedCopy(newer, `older ${what}`, { ...changes, 'account-log.ndjson': old });
      const { code, stdout, stderr, world } = await importTwice(t, dir);
      assert.equal(code, 2, `${what}: ${stdout}${stderr}`);
      assert.match(stderr, /the bundle has \d+ entries of the account log, and .*of the same export/, what);
      assert.equal(await countStored(world), 0, what);
    }
    const version = { name: 'healthcare-default', version: 2 };
    const text = (await readFile(join(newer, 'policies/healthcare-default@1.yaml'), 'utf8')).replace(
      /^version: 1$/m,
      'version: 2',
    );
    const sha256Hex = hash('sha256', text);
    await createPolicyRepository(account.world.db).insert(account.accountId, { ...version, text, sha256Hex });
    await account.keep();
    const earlier = await changedCopy(await account.exportTo('newest'), 'older of an earlier version', {
      ...{ 'account.json': withoutSize, 'sessions.ndjson': withoutIndex, 'reports.ndjson': withoutIndex },
      'account-log.ndjson': () => newerLog,
    });
    const { code, stderr } = await importTwice(t, earlier);
    assert.equal(code, 2);
    assert.match(stderr, /1 signed reports, sealed sessions and policies of the bundle are not in it/);
    const whole = await importTwice(t, newer);
    assert.equal(whole.code, 0, whole.stdout + whole.stderr);
    // What is stored already is newer than the log of the bundle: nothing begins anew.
    const dir = await changedCopy(newer, 'again', { 'account-log.ndjson': old });
    const again = await whole.world.importDir(dir, '--account', account.accountId);
    assert.equal(again.code, 0, again.stdout + again.stderr);
  });

  it('takes reports that were not in the log yet, where the bundle says how long the log was', async (t) => {
    const { account } = await exportSmall(t);
    const reportId = await recordOn(account, account.sessionIds[2]!);
    const dir = await account.exportTo('not yet');
    const { code, stdout, stderr, world } = await importTwice(t, dir);
    assert.equal(code, 0, stdout + stderr);
    const row = await world.db.collection<{ _id: string }>('reports').findOne({ _id: reportId });
    assert.equal((row as unknown as { log_due?: boolean })?.log_due, true);
  });
});

describe('what stands beside the signed note of a checkpoint', () => {
  it('cosignatures are kept that a witness of WITNESSES_FILE made, at the times that they state', async (t) => {
    const origin = `${TEST_SIGNING.origin}/${ACCOUNT}`;
    const log = verifierKeyOf(origin, signerOf(1).publicKey);
    const witness = await startWitness(t, [log]);
    const account = await createSmallAccount(t, { witnesses: [witness] });
    const whole = await account.exportTo('whole');
    const file = join(whole, '..', 'witnesses');
    await writeFile(file, `${formatVerifierKey(witness.key)} ${witness.url}\n`);
    const made = await importTwice(t, whole, { WITNESSES_FILE: file });
    assert.equal(made.code, 0, made.stdout + made.stderr);
    assert.doesNotMatch(made.stdout, /cosignatures/);
    const [stored] = await cosignaturesOf(made.world);
    assert.equal(stored?.name, witness.key.name);

    const zeros = { name: witness.key.name, line: `— ${witness.key.name} ${'A'.repeat(104)}` };
    const at = '1999-01-01T00:00:00.000Z';
    const cases: Record<string, readonly [change: Lines, env: Record<string, string>, kept: number]> = {
      'a line of zeros': [
        inCheckpoint(() => ({ cosignatures: [{ ...zeros, at }] })),
        { WITNESSES_FILE: file },
        0,
      ],
      'a false line before the true one': [
        inCheckpoint(() => ({
          cosignatures: [{ ...zeros, line: `${zeros.line}\n${stored?.line}`, at }],
        })),
        { WITNESSES_FILE: file },
        0,
      ],
      'no witness here': [(lines) => lines, {}, 0],
      'another time beside it': [
        inCheckpoint(({ cosignatures }) => ({
          cosignatures: (cosignatures as object[]).map((each) => ({ ...each, at })),
        })),
        { WITNESSES_FILE: file },
        1,
      ],
    };
    for (const [what, [change, env, kept]] of Object.entries(cases)) {
      const dir = await changedCopy(whole, `cosigned ${what}`, { 'account-log.ndjson': change });
      const { code, stdout, stderr, world } = await importTwice(t, dir, env);
      assert.equal(code, 0, `${what}: ${stdout}${stderr}`);
      assert.equal(/1 cosignatures of its checkpoint are left out/.test(stdout), kept === 0, what);
      const found = await cosignaturesOf(world);
      assert.deepEqual(
        found.map((each) => each.at),
        kept === 0 ? [] : [stored?.at],
        what,
      );
    }
  });

  it('a signed_at that the reports of the log contradict is warned of', async (t) => {
    const { whole } = await exportSmall(t);
    for (const [name, signedAt] of [
      ['early', '1999-01-01T00:00:00.000Z'],
      ['late', '2999-01-01T00:00:00.000Z'],
    ] as const) {
      const dir = await changedCopy(whole, name, {
        'account-log.ndjson': inCheckpoint(() => ({ signed_at: signedAt })),
      });
      const { code, stdout } = await importTwice(t, dir);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /^warning account-log\.ndjson: the signed_at of its checkpoint cannot be true/m);
    }
  });
});

async function cosignaturesOf({ db }: ImportWorld) {
  const head = await db.collection<StoredLogHead>('account_logs').findOne();
  return head?.checkpoint?.cosignatures ?? [];
}
