import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { killGroup } from '../../../shared/process/kill-group.ts';

test('a signal reaches the leader of a group and its children, and an empty group is no error', async () => {
  const leader = spawn('sh', ['-c', 'sleep 60 & echo started; wait'], { detached: true });
  await once(leader.stdout, 'data');
  killGroup(leader.pid ?? 0, 'SIGKILL');
  // The pipe closes only when the child that inherited it has ended too.
  await once(leader.stdout.resume(), 'close');
  assert.doesNotThrow(() => killGroup(leader.pid ?? 0, 'SIGKILL'));
});
