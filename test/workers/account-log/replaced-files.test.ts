// Files in DATA_DIR/checkpoints that say what no key of the log signed: the log and its database are not to blame.
import assert from 'node:assert/strict';
import { appendFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { NEVER, openTestLogs } from '../../support/account-logs.ts';
import { createLogWorld } from '../../support/audit-world.ts';
import { growLog } from '../../support/long-log.ts';

const world = await createLogWorld({ after });

it('a file that is another log’s, or was changed, is named as what is wrong', async (t) => {
  const logs = await openTestLogs(t, world, {});
  const [changed, replaced, other] = [newId('account'), newId('account'), newId('account')];
  const fileOf = (accountId: string) => join(logs.dataDir, 'checkpoints', `${accountId}.ndjson`);
  for (const accountId of [changed, replaced]) await growLog(world, logs, accountId, 3);
  await growLog(world, logs, other, 5);
  await copyFile(fileOf(other), fileOf(replaced));
  await appendFile(fileOf(changed), '{"size":3,"root_hex":"00","note":"x"}\n');
  for (const accountId of [changed, replaced]) {
    const { failed } = await logs.logs.keep(accountId, NEVER);
    assert.match(failed ?? '', /^the last checkpoint in DATA_DIR says what no key of this log signed/);
  }
});
