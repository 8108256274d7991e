import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { AGGREGATE_HOUR } from '../../../shared/queues/jobs.ts';

const HOUR_MS = 3_600_000;
const LATEST_MS = 8.64e15;

it('a job for an hour takes the hours whose start and end a Date holds, and no others', () => {
  const ids = { accountId: newId('account'), agentId: newId('agent') };
  const takes = (hourMs: number) => AGGREGATE_HOUR.payload.safeParse({ ...ids, hourMs }).success;
  for (const hourMs of [0, -HOUR_MS, -LATEST_MS, LATEST_MS - HOUR_MS]) assert.ok(takes(hourMs), `${hourMs}`);
  const far = Number.MAX_SAFE_INTEGER - (Number.MAX_SAFE_INTEGER % HOUR_MS);
  for (const hourMs of [1, 0.5, LATEST_MS, -LATEST_MS - HOUR_MS, far, -far]) {
    assert.equal(takes(hourMs), false, `${hourMs}`);
  }
});
