// Removes jobs that are in no state of their queue. BullMQ takes a job as present while its hash is, so such a hash keeps
// every job with its id from being added, for ever.
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

const LISTS = ['wait', 'paused', 'active'];
/** Jobs of ours have no children, and a completed one is removed at once: no other state holds any. */
const SORTED_SETS = ['prioritized', 'delayed', 'failed'];
const STATES = [...LISTS, ...SORTED_SETS];

/** One script, so that no job is added or taken between the search and the removal. */
const SCRIPT = `
local states = #KEYS - #ARGV
for i, id in ipairs(ARGV) do
  local key = KEYS[states + i]
  local held = redis.call('EXISTS', key) == 0
  for at = 1, states do
    local search = at <= ${LISTS.length} and 'LPOS' or 'ZSCORE'
    held = held or redis.call(search, KEYS[at], id)
  end
  if not held then redis.call('DEL', key) end
end`;

/** Removes those of these jobs that are in no state. Rejects with ioredis's error when Redis is away. */
export async function forgetOrphans(redis: Redis, queue: Queue, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const keys = [...STATES, ...ids].map((name) => queue.toKey(name));
  await redis.eval(SCRIPT, keys.length, ...keys, ...ids);
}
