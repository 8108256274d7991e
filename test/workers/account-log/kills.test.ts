// Keepers of one account log at once, killed at random places: each thing gets one entry, and no checkpoint contradicts
// another. `npm run test:faults` does it more often.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Random } from '../../../scripts/demo/random.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import { signEntry } from '../../../shared/reports/sign-entry.ts';
import { type LogEntry, parseLogEntry } from '../../../shared/transparency/log-entry.ts';
import { createStatementSigner } from '../../../shared/transparency/statement-signer.ts';
import { NEVER, openTestLogs, type TestLogs } from '../../support/account-logs.ts';
import { createLogWorld, type LogWorld, writeSession } from '../../support/audit-world.ts';
import type { KeeperTask } from '../../support/keeper-process.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const ROUNDS = Math.ceil(Number(process.env.FAULT_ROUNDS ?? 1) / 5);
const PROCESSES = 4;
const KEEPERS = 8;
const KILLS = 8;
/** Commands of one keeper until its process kills itself. */
const MOST_COMMANDS = 60;
const ENTRY = join(import.meta.dirname, '../../support/keeper-process.ts');

describe('keepers of one account log that are killed', () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`32 killed keepers append each thing once and never contradict a checkpoint, round ${round}`, async (t) => {
      const random = seededRandom(t);
      const world = await createLogWorld(t);
      const accountId = newId('account');
      const lastDir = await mkdtemp(join(tmpdir(), 'last-keeper-'));
      const last = await openTestLogs(t, world, { dataDir: lastDir });
      const left = { kills: KILLS };
      const dataDirs = await Promise.all(
        Array.from({ length: PROCESSES }, () => mkdtemp(join(tmpdir(), 'keepers-'))),
      );
      const writing = write(world, last, accountId, left);
      await Promise.all(dataDirs.map((dataDir) => runUntilKilled(world, accountId, dataDir, random, left)));
      const written = await writing;

      const kept = await last.logs.keep(accountId, NEVER);
      assert.equal(kept.failed, null);
      const entries = await readAll(last, accountId);
      t.diagnostic(`${entries.length} entries`);
      assert.deepEqual(entries.map(subjectOf).sort(), written.sort());
      await assertMarked(world, accountId, entries);
      const checked = await assertConsistent([...dataDirs, lastDir], accountId, entries);
      t.diagnostic(`${checked} checkpoints`);
    });
  }
});

type Placed = Readonly<{ text: string; entry: LogEntry }>;

/** Closes sessions and issues reports until all kills are done. Resolves to what the log has to hold. */
async function write(
  world: LogWorld,
  { signing }: TestLogs,
  accountId: string,
  left: Readonly<{ kills: number }>,
): Promise<string[]> {
  const signStatement = createStatementSigner(signing);
  const ledger = createReportLedger(world.db);
  const subjects: string[] = [];
  let policy: string | undefined;
  while (left.kills > 0) {
    const session = await writeSession(world, 2, { accountId });
    policy ??= session.policySha256Hex;
    subjects.push(session.id);
    const id = newId('report');
    const generatedAt = new Date();
    const jsonSha256Hex = 'ab'.repeat(32);
    const stated = { reportId: id, sha256Hex: jsonSha256Hex, generatedAt: '2026-05-03T21:14:32Z' };
    const entry = await signEntry(signStatement, accountId, {
      id,
      userId: newId('user'),
      scope: 'session',
      sessionId: session.id,
      since: session.startedAt,
      until: session.endedAt,
      rootHex: session.merkleRootHex as string,
      size: 2,
      logState: 'sealed',
      generatedAt,
      jsonSha256Hex,
      pdfSha256Hex: null,
      pdfStatement: null,
      format: 'json',
      statement: await signStatement(accountId, { subject: 'report', ...stated }),
    });
    await ledger.record(accountId, entry);
    subjects.push(id);
  }
  return policy === undefined ? subjects : [...subjects, policy];
}

async function runUntilKilled(
  world: LogWorld,
  accountId: string,
  dataDir: string,
  random: Random,
  left: { kills: number },
): Promise<void> {
  while (left.kills > 0) {
    const kill = {
      command: random.whole(1, MOST_COMMANDS),
      when: (['unsent', 'sent', 'answered'] as const)[random.whole(0, 2)] as 'sent',
    };
    const { uri, name: dbName } = world.database;
    const task: KeeperTask = { uri, dbName, accountId, keepers: KEEPERS, dataDir, kill };
    const child = spawn(process.execPath, [ENTRY, JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    assert.deepEqual([code, signal], [null, 'SIGKILL']);
    left.kills -= 1;
  }
}

async function readAll(logs: TestLogs, accountId: string): Promise<Placed[]> {
  return (await logs.textsOf(accountId)).map((text) => {
    const entry = parseLogEntry(text);
    assert.ok(entry);
    return { text, entry };
  });
}

function subjectOf({ entry }: Placed): string {
  if (entry.kind === 'session_closed') return entry.session_id;
  if (entry.kind === 'report_issued') return entry.report_id;
  assert.ok(entry.kind === 'policy_stored');
  return entry.sha256;
}

/** Every row names its entry, and nothing is due. */
async function assertMarked(world: LogWorld, accountId: string, entries: readonly Placed[]): Promise<void> {
  const indexes = new Map(entries.map((placed, index) => [subjectOf(placed), index]));
  for (const name of ['sessions', 'reports', 'policies']) {
    for await (const row of world.db.collection(name).find({ account_id: accountId })) {
      const id = name === 'policies' ? String(row._id).slice(-64) : String(row._id);
      assert.equal(row.log_index, indexes.get(id), `${name} ${id}`);
      assert.equal(row.log_due, undefined);
    }
  }
}

/** Every checkpoint that any process signed is one of the log as it ended. Resolves to how many there are. */
async function assertConsistent(
  dataDirs: readonly string[],
  accountId: string,
  entries: readonly Placed[],
): Promise<number> {
  const leaves = entries.map(({ text }) => Buffer.from(text));
  let checked = 0;
  for (const dataDir of dataDirs) {
    const folder = join(dataDir, 'checkpoints');
    for (const file of await readdir(folder).catch(() => [])) {
      assert.equal(file, `${accountId}.ndjson`);
      const lines = (await readFile(join(folder, file), 'utf8'))
        .split('\n')
        .filter((line) => line.endsWith('}'));
      for (const line of lines) {
        const { size, root_hex } = JSON.parse(line) as { size: number; root_hex: string };
        const root = Buffer.from(naiveRoot(leaves.slice(0, size))).toString('hex');
        assert.equal(root_hex, root, `size ${size}`);
        checked += 1;
      }
    }
  }
  assert.ok(checked > 0);
  return checked;
}
