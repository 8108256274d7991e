// The external ids of a bundle's sessions: each once in an account, and no caller's number or address.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { runReport } from '../../../scripts/issue-report.ts';
import { changeFile, copyCase } from '../../support/cases.ts';
import { createImportWorld } from '../../support/import-world.ts';
import { runHere } from '../../support/run-here.ts';

/** A copy of a bundle of three sessions that have these external ids, and the ids of the sessions. */
async function withExternalIds(t: TestContext, externalIds: readonly string[]) {
  const dir = await copyCase(t, 'appledouble');
  const ids: string[] = [];
  await changeFile(dir, 'sessions.ndjson', (bytes) => {
    const lines = bytes.toString().trimEnd().split('\n');
    return lines
      .map((line, i) => {
        const row = JSON.parse(line) as { id: string };
        ids.push(row.id);
        const externalId = externalIds[i];
        return JSON.stringify({ ...row, ...(externalId !== undefined && { external_id: externalId }) });
      })
      .map((line) => `${line}\n`)
      .join('');
  });
  return { dir, ids: ids as [string, string, string] };
}

describe('the external ids of a bundle', () => {
  it('the second of two sessions of one external id is refused, also by a dry run', async (t) => {
    const world = await createImportWorld(t);
    const { dir, ids } = await withExternalIds(t, ['call/42', 'call/43', 'call/42']);
    const [first, , second] = ids;
    const refused = `refused ${second}: its external_id is that of ${first}, too`;
    const dry = await world.importDir(dir, '--dry-run');
    assert.equal(dry.code, 2, dry.stdout);
    assert.ok(dry.stdout.includes(refused), dry.stdout);
    assert.match(dry.stdout, /2 sessions can be imported, 1 sessions refused.* 1 problems/);
    const result = await world.importDir(dir);
    assert.equal(result.code, 2, result.stdout);
    assert.ok(result.stdout.includes(refused), result.stdout);
    assert.doesNotMatch(result.stdout, /belongs to another account/);
    assert.match(result.stdout, /2 sessions imported.* 1 sessions refused.* 1 problems/);
  });

  it('a session that is refused keeps its external id from no other one', async (t) => {
    const world = await createImportWorld(t);
    const { dir, ids } = await withExternalIds(t, ['call/42', 'call/42', 'call/43']);
    await changeFile(dir, 'sessions.ndjson', (bytes) =>
      bytes.toString().replace(/"seal":"\w+"/, `"seal":"${'0'.repeat(64)}"`),
    );
    const { stdout } = await world.importDir(dir);
    assert.match(stdout, new RegExp(`refused ${ids[0]}: seal_mismatch`));
    assert.match(stdout, /2 sessions imported.* 1 sessions refused.* 1 problems/);
  });

  it('a session whose external id a hidden session has is refused by that, and the other one is named', async (t) => {
    const world = await createImportWorld(t);
    const before = await withExternalIds(t, ['call/42']);
    assert.equal((await world.importDir(before.dir)).code, 0);
    const rows = world.db.collection<{ _id: string }>('sessions');
    const [hidden, shown] = before.ids;
    await rows.deleteMany({ _id: { $ne: hidden } });
    await rows.updateOne({ _id: hidden }, { $set: { importing: true } });
    const { dir } = await withExternalIds(t, ['call/1', 'call/42']);
    const account = (await rows.findOne<{ account_id: string }>({}))!.account_id;
    const { stdout } = await world.importDir(dir, '--account', account);
    const refused = `refused ${shown}: its external_id is that of ${hidden}, which an import has not finished`;
    assert.ok(stdout.includes(refused), stdout);
    assert.doesNotMatch(stdout, /belongs to another account/);
  });

  it('a name that nobody sees is warned of and kept as it is', async (t) => {
    const world = await createImportWorld(t);
    const { dir, ids } = await withExternalIds(t, ['\u200b', 'call/43']);
    let agentId = '';
    await changeFile(dir, 'agents.ndjson', (bytes) =>
      bytes.toString().replace(/"id":"(agt_\w+)".*?"name":"[^"]*"/, (agent, id: string) => {
        agentId = id;
        return agent.replace(/"name":"[^"]*"/, '"name":"\\u202e"');
      }),
    );
    const { code, stdout } = await world.importDir(dir);
    assert.equal(code, 0, stdout);
    assert.ok(stdout.includes(`warning the external_id of ${ids[0]}: does not show what it holds`), stdout);
    assert.ok(stdout.includes(`warning the name of ${agentId}: does not show what it holds`), stdout);
    assert.match(stdout, /3 sessions imported.* 0 problems, 2 warnings/);
  });

  it('one that the leak scan would refuse in a report is warned of, and its value is not shown', async (t) => {
    const world = await createImportWorld(t);
    const { dir, ids } = await withExternalIds(t, ['Jane 212-867-5309', 'call/43', 'jane@example.com']);
    for (const args of [['--dry-run'], []]) {
      const { code, stdout } = await world.importDir(dir, ...args);
      assert.equal(code, 0, stdout);
      const warned = (id: string, what: string) =>
        `warning the external_id of ${id}: holds what reads as ${what}`;
      assert.ok(stdout.includes(warned(ids[0], 'a phone number')), stdout);
      assert.ok(stdout.includes(warned(ids[2], 'an e-mail address')), stdout);
      assert.match(stdout, /no report on the session is issued \(leak_scan\); give it one/);
      assert.doesNotMatch(stdout, /Jane|jane|5309/);
      assert.match(stdout, /3 sessions (can be )?imported.* 0 problems, 2 warnings/);
    }
    // As the warning says; the other one's report is issued.
    const env = { ...world.env, INIT_CWD: dir };
    const { account_id: accountId } = (await world.db.collection('sessions').findOne({}))!;
    for (const [i, expected] of [/^$/, /what may be PHI: session\.external_id/].entries()) {
      const { stderr } = await runHere(
        runReport,
        ['--account', accountId, '--session', ids[1 - i] as string],
        env,
      );
      assert.match(stderr, expected);
    }
  });
});
