import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { createPageReader } from '../../../workers/logs/page-reader.ts';
import { openPage, type PageDeps } from '../../../workers/logs/page-tasks.ts';
import { createVerifyDeps } from '../../../workers/logs/verify-session.ts';
import { createStopFlag } from '../../../workers/threads/stop-flag.ts';
import {
  createLogWorld,
  createWriter,
  draftEvent,
  TEST_KEY,
  writeSession,
} from '../../support/audit-world.ts';

const world = await createLogWorld({ after });
const base: PageDeps = { ...createVerifyDeps(world.db, [TEST_KEY]), page: createPageReader(world.db) };

it('a session page shows every entry that its row has recorded, though the segments were read before the row', async () => {
  const { accountId, id: sessionId } = await writeSession(world, 8, { seal: false });
  const read = Promise.withResolvers<void>();
  const deps: PageDeps = {
    ...base,
    reader: {
      ...base.reader,
      async read(...segments) {
        const found = await base.reader.read(...segments);
        read.resolve();
        return found;
      },
    },
    rows: {
      async find(log) {
        await read.promise;
        await appendEvents(createWriter(world.db), accountId, sessionId, [draftEvent(8), draftEvent(9)]);
        return await base.rows.find(log);
      },
    },
  };
  const opened = await openPage(deps, {
    log: { accountId, sessionId },
    withPayloads: false,
    stop: createStopFlag(),
  });
  assert.ok(opened.kind === 'opened' && opened.plan);
  assert.equal(opened.found.session.log.size, 10);
  assert.deepEqual([opened.first.taken, opened.first.range?.end], [10, 10]);
});
