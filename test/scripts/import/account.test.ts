// Which account an import may write to, what it may rename there, and under which keys.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { caseDir, changeFile, copyCase } from '../../support/cases.ts';
import { runScript } from '../../support/commands.ts';
import { BOTH_KEYS, clinic, createImportWorld, dump } from '../../support/import-world.ts';
import { editSegment, segmentsOf } from '../../support/segments.ts';

const ACCOUNT = 'acc_01KT07NV00CPX3DEJZDNW4GCA5';
const OTHER = 'acc_01KT07NV00KYTD3VKJP0AWWZBY';
const DIR = caseDir('appledouble');
const MEANT = ['--account', ACCOUNT];

/** A copy of the bundle whose agent has another name. */
async function renamedCopy(t: TestContext, name: string): Promise<string> {
  const dir = await copyCase(t, 'appledouble');
  await changeFile(dir, 'agents.ndjson', (bytes) =>
    bytes.toString().replace('"name":"desk"', `"name":${JSON.stringify(name)}`),
  );
  return dir;
}

describe('an import that was made before', () => {
  it('an import that is made again says that a stored log failed meanwhile', async (t) => {
    const world = await createImportWorld(t);
    assert.equal((await world.importDir(DIR)).code, 0);
    const row = await segmentsOf(world.db).findOne({});
    const [accountId = '', id = '', index] = row?._id.split('/') ?? [];
    await editSegment(world.db, { accountId, id }, Number(index), (texts) => texts.slice(0, -1));
    const again = await world.importDir(DIR, ...MEANT);
    assert.equal(again.code, 2);
    assert.match(again.stdout, /the stored log failed, truncated at seq \d+/);
  });
});

describe('the account of an import', () => {
  it('an import into an account that was deleted is refused, before anything is written', async (t) => {
    const world = await createImportWorld(t);
    assert.equal((await world.importDir(DIR)).code, 0);
    await world.db.collection('accounts').updateOne({}, { $set: { deleted_at: new Date() } });
    const before = await dump(world);
    const again = await world.importDir(await renamedCopy(t, 'till'), ...MEANT, '--rename');
    assert.equal(again.code, 2);
    assert.match(again.stderr, new RegExp(`The account ${ACCOUNT} was deleted: unset deleted_at`));
    assert.deepEqual(await dump(world), before);
  });

  it('an import into an account that exists is refused without --account, before anything is written', async (t) => {
    const world = await createImportWorld(t);
    assert.equal((await world.importDir(DIR)).code, 0);
    const before = await dump(world);
    const again = await world.importDir(await renamedCopy(t, 'till'));
    assert.equal(again.code, 2);
    assert.match(again.stderr, new RegExp(`The account ${ACCOUNT} exists: add --account ${ACCOUNT} if`));
    assert.deepEqual(await dump(world), before);
    assert.equal((await world.importDir(DIR, ...MEANT)).code, 0);
  });

  it('an --account that is not the bundle’s is refused, before anything is written', async (t) => {
    const world = await createImportWorld(t);
    for (const options of [[], ['--dry-run'], ['--rename']]) {
      const result = await world.importDir(DIR, '--account', OTHER, ...options);
      assert.equal(result.code, 2);
      assert.match(
        result.stderr,
        new RegExp(`The bundle is of account ${ACCOUNT} and --account names ${OTHER}`),
      );
    }
    assert.deepEqual((await dump(world)).flat(), []);
    assert.equal((await world.importDir(DIR, '--account', 'clinic')).code, 64);
  });

  it('a new account may be named by --account too', async (t) => {
    const world = await createImportWorld(t);
    const result = await world.importDir(DIR, ...MEANT, '--account-name', 'The clinic');
    assert.equal(result.code, 0, result.stdout);
    assert.equal((await world.db.collection('accounts').findOne())?.name, 'The clinic');
  });

  it('two imports of a new account at once: the later to write is refused without --account', async (t) => {
    const world = await createImportWorld(t);
    const importAlone = () => runScript('import.ts', [DIR], world.env);
    const results = await Promise.all([importAlone(), importAlone()]);
    assert.ok(results.some(({ code }) => code === 0));
    for (const { code, stderr } of results) if (code !== 0) assert.match(stderr, /exists: add --account/);
    assert.equal(await world.db.collection('sessions').countDocuments(), 3);
  });
});

describe('the names of an import', () => {
  it('an import renames neither account nor agent, and says both names', async (t) => {
    const world = await createImportWorld(t);
    await world.importDir(DIR, '--account-name', 'The clinic');
    const before = await dump(world);
    const renamed = await renamedCopy(t, 'till\u001b[2J\u202e');
    const result = await world.importDir(renamed, ...MEANT, '--account-name', 'My clinic');
    assert.equal(result.code, 0, result.stdout);
    assert.deepEqual(await dump(world), before);
    assert.match(
      result.stdout,
      new RegExp(
        `warning ${ACCOUNT}: is stored as "The clinic" and not renamed to "My clinic"; --rename does`,
      ),
    );
    assert.ok(
      result.stdout.includes(': is stored as "desk" and not renamed to "till\\u{1b}[2J\\u{202e}"; --rename'),
      result.stdout,
    );
    assert.match(result.stdout, /0 problems, 3 warnings/);
  });

  it('an import with --rename renames account and agents, and warns of neither', async (t) => {
    const world = await createImportWorld(t);
    await world.importDir(DIR, '--account-name', 'The clinic');
    const renamed = await renamedCopy(t, 'till');
    const result = await world.importDir(renamed, ...MEANT, '--account-name', 'My clinic', '--rename');
    assert.equal(result.code, 0, result.stdout);
    assert.equal((await world.db.collection('accounts').findOne())?.name, 'My clinic');
    assert.equal((await world.db.collection('agents').findOne())?.name, 'till');
    assert.match(result.stdout, /0 problems, 0 warnings/);
  });

  it('an import with --rename and no --account-name leaves the name of the account', async (t) => {
    const world = await createImportWorld(t);
    await world.importDir(DIR, '--account-name', 'The clinic');
    await world.importDir(DIR, ...MEANT, '--rename');
    assert.equal((await world.db.collection('accounts').findOne())?.name, 'The clinic');
  });
});

describe('the keys of an import', () => {
  const importWith = async (t: TestContext, scope: string) => {
    const world = await createImportWorld(t, BOTH_KEYS.replace(clinic.audit_keys, clinic.audit_keys + scope));
    return { world, result: await world.importDir(DIR) };
  };

  it('a bundle under the key of another account is refused, naming the scope to add', async (t) => {
    const { world, result } = await importWith(t, `;account=${OTHER}`);
    assert.equal(result.code, 2);
    assert.match(
      result.stdout,
      new RegExp(
        `refused sessions\\.ndjson:1: sess_\\w+ is refused, key_out_of_scope.* AUDIT_KEYS: add ;account=${ACCOUNT} to key k1`,
      ),
    );
    assert.match(result.stdout, /3 sessions refused, 0 entries without a row.* nothing was written/);
    assert.deepEqual((await dump(world)).flat(), []);
  });

  it('a bundle under a key that was not in force is refused, naming the time', async (t) => {
    const { result } = await importWith(t, `;account=${ACCOUNT};not_before=2026-06-02T00:00:00Z`);
    assert.equal(result.code, 2);
    assert.match(
      result.stdout,
      /AUDIT_KEYS: key k1 is not in force at the session's start, 2026-06-01T00:00:00\.000Z/,
    );
    assert.doesNotMatch(result.stdout, /add ;account/);
  });

  it('a bundle under a key that is bound to its account is taken', async (t) => {
    const { result } = await importWith(t, `;account=${OTHER};account=${ACCOUNT}`);
    assert.equal(result.code, 0, result.stdout);
  });

  it('a key of the right id and another value is told from one that is not configured', async (t) => {
    const world = await createImportWorld(t, `k1:${'5a'.repeat(32)}`);
    const { code, stdout } = await world.importDir(DIR);
    assert.equal(code, 2);
    assert.match(stdout, /is unverifiable: audit key k1 has another value; give it in AUDIT_KEYS/);
  });
});

describe('warnings of an import', () => {
  it('contacts in names, policy and model are warned of with a remedy, and block nothing', async (t) => {
    const world = await createImportWorld(t);
    const dir = await renamedCopy(t, 'main-line-4155552671');
    const result = await world.importDir(dir, '--account-name', 'St. Mary, privacy@stmarys.org');
    assert.equal(result.code, 0, result.stdout);
    assert.match(
      result.stdout,
      /warning --account-name: holds what reads as an e-mail address.*give another/,
    );
    assert.match(
      result.stdout,
      /warning the name of agt_\w+: holds what reads as a phone number, and reports state it; .*--rename/,
    );
    assert.doesNotMatch(result.stdout, /4155552671|stmarys/);
    assert.match(result.stdout, /3 sessions imported.* 0 problems, 2 warnings/);
  });

  it('a contact in a policy text is warned of, and one in the model of many sessions once', async (t) => {
    const world = await createImportWorld(t);
    const dir = await copyCase(t, 'appledouble');
    await changeFile(dir, 'policies/healthcare-default@1.yaml', (bytes) =>
      bytes.toString().replace('description: ', 'description: questions to privacy-office@stmarys.org, '),
    );
    await changeFile(dir, 'sessions.ndjson', (bytes) =>
      bytes.toString().replaceAll('gpt-4o-mini', 'llama-3@us-east-1.inference.example.com'),
    );
    const { stdout } = await world.importDir(dir, '--dry-run');
    assert.match(
      stdout,
      /warning policies\/healthcare-default@1\.yaml: holds what reads as an e-mail address/,
    );
    assert.equal(stdout.match(/warning the upstream_model of sess_\w+: holds/g)?.length, 1);
    assert.doesNotMatch(stdout, /stmarys|inference/);
  });

  it('times that contradict each other, and logs that ended unsealed, are warned of', async (t) => {
    const world = await createImportWorld(t);
    const dir = await copyCase(t, 'appledouble');
    await changeFile(dir, 'sessions.ndjson', (bytes) =>
      bytes
        .toString()
        .replaceAll(/"seal":"\w+"/g, '"seal":null')
        .replace(/"ended_at":"[^"]+"/, '"ended_at":"2026-05-31T23:59:59.000Z"'),
    );
    const result = await world.importDir(dir);
    assert.equal(result.code, 0, result.stdout);
    assert.match(result.stdout, /warning sessions\.ndjson:1: sess_\w+: ended_at: is before started_at/);
    assert.match(
      result.stdout,
      /warning sessions\.ndjson: 3 sessions ended and their logs are unsealed.*: sess_\w+, sess_\w+, sess_\w+$/m,
    );
    assert.match(result.stdout, /3 sessions imported/);
  });
});
