// Puts right what BullMQ keeps of a queue in Redis and never looks at again, so that nothing that was written there stops the
// queue for good: keys of another type, locks and limits that never end, ids of jobs that are not there.
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** The states of jobs that are looked at, each with its type. */
const STATES = {
  wait: 'list',
  paused: 'list',
  active: 'list',
  prioritized: 'zset',
  delayed: 'zset',
  failed: 'zset',
} as const;
/** The other keys: `count` is a string of digits, `counts` a hash of them. */
const OTHERS = {
  completed: 'zset',
  'waiting-children': 'zset',
  repeat: 'zset',
  marker: 'zset',
  stalled: 'set',
  events: 'stream',
  meta: 'hash',
  'metrics:completed': 'counts',
  'metrics:failed': 'counts',
  'metrics:completed:data': 'list',
  'metrics:failed:data': 'list',
  id: 'count',
  pc: 'count',
  limiter: 'count',
  'stalled-check': 'count',
} as const;

/** Jobs of a state that are looked at: those that are taken next, and those that are delayed for the longest. */
const LOOKED_AT = 10_000;

/** One script, so that no job is added or taken between the look and the removal. */
const SCRIPT = `
local prefix, longest, many, states = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local latest, given = tonumber(ARGV[5]), 5
local keys, ids, own = {}, 0, {}
for _, key in ipairs(KEYS) do own[key] = true end

local function drop(key)
  if redis.call('DEL', key) == 1 then table.insert(keys, key) end
end
local function isCount(value)
  return not value or (#value <= 16 and string.find(value, '^%d+$') ~= nil)
end
local function dropLasting(key)
  local left = redis.call('PTTL', key)
  if left == -1 or left > longest then drop(key) end
end
-- A stream whose last id is the largest there is takes no more events, and no script of BullMQ's then ends.
local function dropEnded(key)
  if redis.call('EXISTS', key) == 0 then return end
  local info = redis.call('XINFO', 'STREAM', key)
  for at = 1, #info, 2 do
    if info[at] == 'last-generated-id' and tonumber(string.match(info[at + 1], '^%d+')) > latest then drop(key) end
  end
end
local function isJob(key)
  if redis.call('TYPE', key).ok ~= 'hash' then return false end
  local fields = redis.call('HMGET', key, 'ats', 'atm', 'stc', 'data')
  return isCount(fields[1]) and isCount(fields[2]) and isCount(fields[3]) and fields[4] ~= false
end

local function isWell(key, kind)
  local found = redis.call('TYPE', key).ok
  if found == 'none' then return true end
  if kind == 'count' then return found == 'string' and isCount(redis.call('GET', key)) end
  if kind ~= 'counts' then return found == kind end
  if found ~= 'hash' then return false end
  for _, value in ipairs(redis.call('HVALS', key)) do
    if not isCount(value) then return false end
  end
  return true
end

for at, key in ipairs(KEYS) do
  if not isWell(key, ARGV[given + at]) then drop(key) end
end
dropEnded(prefix .. 'events')
for _, id in ipairs(redis.call('ZRANGE', prefix .. 'repeat', 0, -1)) do
  local run = prefix .. 'repeat:' .. id .. ':' .. redis.call('ZSCORE', prefix .. 'repeat', id)
  if not isWell(run, 'hash') then drop(run) end
end
if not isCount(redis.call('HGET', prefix .. 'meta', 'opts.maxLenEvents')) then
  redis.call('HDEL', prefix .. 'meta', 'opts.maxLenEvents')
end
dropLasting(prefix .. 'limiter')
dropLasting(prefix .. 'stalled-check')

for at = 1, states do
  local isList = ARGV[given + at] == 'list'
  for _, id in ipairs(redis.call(isList and 'LRANGE' or 'ZRANGE', KEYS[at], '-' .. many, '-1')) do
    local key = prefix .. id
    dropLasting(key .. ':lock')
    if not isJob(key) then
      if isList then redis.call('LREM', KEYS[at], -1, id) else redis.call('ZREM', KEYS[at], id) end
      if not own[key] then redis.call('DEL', key) end
      ids = ids + 1
    end
  end
end
return {ids, keys}`;

/** What was wrong: how many ids of jobs that are not there or cannot be taken, and which keys. */
export type Mended = Readonly<{ ids: number; keys: readonly string[] }>;

export type MendOptions = Readonly<{
  /** No lock and no limit is ever set for longer. */
  longestMs: number;
  /** The queue's own schedules. */
  scheduleIds: readonly string[];
}>;

/**
 * Removes what is wrong. A job whose lock is removed is taken by another worker, as after a crash. Rejects with ioredis's
 * error when Redis is away.
 */
export async function mendQueue(
  redis: Redis,
  queue: Queue,
  { longestMs, scheduleIds }: MendOptions,
): Promise<Mended> {
  const schedules = scheduleIds.map((id): [string, string] => [`repeat:${id}`, 'hash']);
  const kinds = [...Object.entries({ ...STATES, ...OTHERS }), ...schedules];
  const names = kinds.map(([name]) => queue.toKey(name));
  const states = Object.keys(STATES).length;
  const given = [queue.toKey(''), longestMs, LOOKED_AT, states, Date.now() + longestMs];
  const found = await redis.eval(SCRIPT, names.length, ...names, ...given, ...kinds.map(([, kind]) => kind));
  const [ids, keys] = found as [number, string[]];
  return { ids, keys };
}
