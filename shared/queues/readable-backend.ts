// BullMQ's Redis backend, made to hand out jobs that cannot be read too. BullMQ itself throws once such a job is active: it
// stalls, is taken and throws again, without end, and where one job runs at a time none behind it runs.
import { type BackendFactory, createRedisBackend, type RedisQueueBackend, raw2NextJobData } from 'bullmq';
import { RETRY_POLICY } from './retry-policy.ts';

/** Commands that hand a worker its next job. Their answer begins with its fields and values, in turn, and its id. */
const TAKING = new Set(['moveToActive', 'moveToFinished', 'moveToDelayed']);

/** Fields that no readable job of ours has, or that lead on from an unreadable one: BullMQ's scripts follow them as well. */
const DROPPED = ['progress', 'parent', 'parentKey', 'rjk'];

/** For a `Queue` or a `Worker`. An unreadable job has the payload null, which no schema takes, and fails for good by that. */
export const createReadableBackend: BackendFactory<RedisQueueBackend> = (...args) => {
  const backend = createRedisBackend(...args);
  const execute = backend.execCommand.bind(backend);

  async function makeReadable(answer: unknown): Promise<unknown> {
    if (!Array.isArray(answer) || !Array.isArray(answer[0])) return answer;
    const [taken, id, ...rest] = answer;
    const fields = toFields(taken);
    if (isReadable(fields)) return answer;
    const client = await backend.client;
    await client.hdel(backend.toKey(id), ...DROPPED);
    return [Object.entries(replaceUnreadable(fields)).flat(), id, ...rest];
  }

  backend.execCommand = (client, command, given) => {
    const answer = execute(client, command, given);
    return TAKING.has(command) ? Promise.resolve(answer).then(makeReadable) : answer;
  };
  backend.getJobData = async (id) => {
    const fields = await (await backend.client).hgetall(backend.toKey(id));
    if (Object.keys(fields).length === 0) return undefined;
    const readable = isReadable(fields) ? fields : replaceUnreadable(fields);
    return raw2NextJobData([Object.entries(readable).flat(), id])[0];
  };
  return backend;
};

type Fields = Readonly<Record<string, string>>;

function toFields(inTurn: readonly string[]): Fields {
  const names = inTurn.filter((_, at) => at % 2 === 0);
  return Object.fromEntries(names.map((name, i) => [name, inTurn[2 * i + 1] as string]));
}

/** Whether BullMQ can parse the fields, and can make the next run of a schedule from those of this one. */
function isReadable({ data, opts, progress, parent, parentKey, rjk }: Fields): boolean {
  if (parent !== undefined || parentKey !== undefined) return false;
  try {
    for (const text of [data, progress]) JSON.parse(text || '0');
    const options: unknown = JSON.parse(opts || '{}');
    if (typeof options !== 'object' || options === null) return false;
    const { repeat } = options as { repeat?: unknown };
    return rjk === undefined || (typeof repeat === 'object' && repeat !== null);
  } catch {
    return false;
  }
}

/** The guard of the schedules makes the next run of a schedule whose run this was. */
function replaceUnreadable(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([name]) => !DROPPED.includes(name));
  return { ...Object.fromEntries(kept), data: 'null', opts: JSON.stringify(RETRY_POLICY) };
}
