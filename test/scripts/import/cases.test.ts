// The cases of test/data/cases: inputs that went wrong, each with the outcome that is right.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { caseDir } from '../../support/cases.ts';
import { createImportWorld, dump, type ImportWorld } from '../../support/import-world.ts';

const sessionCount = ({ db }: ImportWorld) => db.collection('sessions').countDocuments();

async function importCase(t: Parameters<typeof createImportWorld>[0], name: string) {
  const world = await createImportWorld(t);
  return { world, result: await world.importDir(caseDir(name)) };
}

describe('the cases', () => {
  it('baddate-sealed: a start that no calendar has is refused by field, not as a seal that does not match', async (t) => {
    const { world, result } = await importCase(t, 'baddate-sealed');
    assert.equal(result.code, 2);
    assert.match(result.stdout, /refused sessions\.ndjson:1: sess_01KT07NV008XNT8G4Q10JPN8R3: started_at: /);
    assert.match(result.stdout, /1 sessions refused, 0 entries without a row/);
    assert.doesNotMatch(result.stdout, /seal_mismatch/);
    assert.equal(await sessionCount(world), 0);
  });

  it('bom-audit: an audit.ndjson that begins with a byte order mark is taken', async (t) => {
    const { world, result } = await importCase(t, 'bom-audit');
    assert.equal(result.code, 0, result.stdout);
    assert.match(result.stdout, /3 sessions imported/);
    assert.equal((await world.verifyAll()).code, 0);
  });

  it('both: a plain log beside a gzipped one is refused, naming both', async (t) => {
    const { world, result } = await importCase(t, 'both');
    assert.equal(result.code, 2);
    assert.match(result.stderr, /audit\.ndjson and audit\.ndjson\.gz are both in .*: keep the one/);
    assert.deepEqual((await dump(world)).flat(), []);
  });

  it('gzpolnot: a policy that is named .gz and is not gzipped is named as the problem', async (t) => {
    const { result } = await importCase(t, 'gzpolnot');
    assert.equal(result.code, 2);
    assert.match(
      result.stdout,
      /refused policies\/healthcare-default@1\.yaml\.gz: is named \.gz and is not gzipped/,
    );
    assert.match(result.stdout, /3 sessions refused/);
  });

  it('comma: three rows that end in a comma are refused, counted, and their entries named', async (t) => {
    const { world, result } = await importCase(t, 'comma');
    assert.equal(result.code, 2);
    for (const row of [1, 2, 3])
      assert.match(result.stdout, new RegExp(`refused sessions\\.ndjson:${row}: not JSON`));
    assert.match(result.stdout, /refused audit\.ndjson: 12 entries of 3 sessions belong to no row/);
    assert.match(result.stdout, /3 sessions refused, 12 entries without a row, 4 problems/);
    assert.deepEqual((await dump(world)).flat(), [], 'nothing is written where no session is left');
  });

  it('appledouble: files that macOS leaves beside the policies are passed over', async (t) => {
    const { result } = await importCase(t, 'appledouble');
    assert.equal(result.code, 0, result.stdout);
    assert.match(result.stdout, /3 sessions imported.* 0 problems, 0 warnings/);
  });

  it('typo: a policy with misspelt keys is imported, with a warning that names the nearest known key', async (t) => {
    const { world, result } = await importCase(t, 'typo');
    assert.equal(result.code, 0, result.stdout);
    const warned = (key: string, nearest: string) =>
      `warning policies/strict@1.yaml: ${key} is not known and has no effect; the nearest known is ${nearest}\n`;
    assert.ok(result.stdout.includes(warned('entities.SSN.enable', 'enabled')));
    assert.ok(result.stdout.includes(warned('entities.ADDRESS.confidence_treshold', 'confidence_threshold')));
    assert.match(result.stdout, /1 sessions imported.* 0 problems, 5 warnings/);
    assert.equal(await sessionCount(world), 1);
  });

  it('names: names with control characters are stored as they are', async (t) => {
    const { world, result } = await importCase(t, 'names');
    assert.equal(result.code, 0, result.stdout);
    const agents = await world.db.collection('agents').find().toArray();
    assert.deepEqual(
      agents.map(({ name }) => name),
      ['desk\0bot'],
    );
    assert.equal(await sessionCount(world), 3);
  });
});
