import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAnnouncer } from '../../../api/console/pages/reports/announcer.ts';

test('progress is announced with a pause, a change of the status at once', () => {
  const announce = createAnnouncer(5_000);
  const said = [
    announce('waits', 'queued', 0),
    announce('1 of 9', 'running', 500),
    announce('2 of 9', 'running', 1_000),
    announce('8 of 9', 'running', 5_499),
    announce('9 of 9', 'running', 5_500),
    announce('9 of 9', 'running', 99_000),
    announce('ready', 'ready', 99_001),
  ];
  assert.deepEqual(said, ['waits', '1 of 9', null, null, '9 of 9', null, 'ready']);
});
