// The service and the database are killed in turn while sessions are written over HTTP. `FAULT_ROUNDS=12 npm test --
// killed-writing` kills each twelve times.
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiProcess, startApi } from '../../scripts/setup/api-process.ts';
import { createTokenRepository } from '../../shared/accounts/token-repository.ts';
import { createWriter, startSession, TEST_KEY } from '../support/audit-world.ts';
import { eventually } from '../support/eventually.ts';
import { assertNothingLost } from '../support/nothing-lost.ts';
import { type Notes, writeOn } from '../support/persistent-writer.ts';
import { type RestartableMongo, startRestartableMongo } from '../support/restartable-mongo.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { WRITER_SCOPES } from '../support/writer-client.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 1);
const WRITERS = 6;
/** Events that are acknowledged between two kills, at least. */
const ENOUGH = 150;

type Service = { api: ApiProcess; start(): Promise<void> };

async function startService(t: TestContext, mongo: RestartableMongo): Promise<Service> {
  const env = {
    MONGODB_URI: mongo.database.uri,
    MONGODB_DB: mongo.database.name,
    DATA_DIR: temporaryFolder(t),
    AUDIT_KEYS: `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`,
    CURSOR_KEY: '2e'.repeat(32),
    PORT: '0',
    LOG_LEVEL: 'silent',
    CHROME_PATH: '/none',
  };
  const start = () => startApi(env, t.signal);
  const service: Service = {
    api: await start(),
    async start() {
      service.api = await start();
    },
  };
  t.after(() => service.api.stop(AbortSignal.abort()));
  return service;
}

async function killService(service: Service): Promise<void> {
  process.kill(service.api.pid, 'SIGKILL');
  await service.api.exited;
  await service.start();
}

async function killDatabase(mongo: RestartableMongo): Promise<void> {
  await mongo.kill();
  await mongo.startAgain();
}

describe('sessions written while the service and the database are killed', () => {
  it(`nothing acknowledged is missing, nothing is twice, every log verifies: ${2 * ROUNDS} kills`, async (t) => {
    const mongo = await startRestartableMongo(t);
    const world = { ...createWriter(mongo.db), db: mongo.db };
    const { accountId, agentId } = await startSession(world);
    const expiresAt = new Date(Date.now() + 3_600_000);
    const draft = { name: 'Proxy', scopes: WRITER_SCOPES, expiresAt };
    const { text: token } = await createTokenRepository(mongo.db).create(accountId, draft);
    const service = await startService(t, mongo);
    const notes: Notes = { events: [], ended: [], sessions: [] };
    const target = { url: () => service.api.url, token, agentId, notes };
    let isStopped = false;
    const writers = Promise.all(Array.from({ length: WRITERS }, () => writeOn(target, () => isStopped)));
    for (let kill = 0; kill < 2 * ROUNDS; kill += 1) {
      const before = notes.events.length;
      const isEnough = () => notes.events.length >= before + ENOUGH;
      await Promise.race([writers, eventually('enough is acknowledged', isEnough)]);
      // Another moment of a write each time.
      await sleep(100 * Math.random());
      if (kill % 2 === 0) await killService(service);
      else await killDatabase(mongo);
    }
    isStopped = true;
    await writers;

    await assertNothingLost(world, accountId, notes);
    t.diagnostic(
      `${mongo.kind}: ${notes.events.length} events of ${notes.sessions.length} sessions were acknowledged`,
    );
  });
});
