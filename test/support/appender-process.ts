// A process of appenders and closers on one log, for tests that kill it: it can kill itself around any of its own
// commands. Prints a line for each event it tries and each that was acknowledged.
import { writeSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { createRandom } from '../../scripts/demo/random.ts';
import { newId } from '../../shared/audit/ids.ts';
import { appendEvents } from '../../shared/log-writer/append.ts';
import { closeLog } from '../../shared/log-writer/close-log.ts';
import { createWriter, draftEvent } from './audit-world.ts';

/** When a process kills itself: before it sends its `command`th command, after it, or after the reply. */
export type KillPoint = Readonly<{ command: number; when: 'unsent' | 'sent' | 'answered' }>;

export type AppenderTask = Readonly<{
  uri: string;
  dbName: string;
  accountId: string;
  sessionId: string;
  /** Each appends batches of up to `batch` events, one after the other, until the log is closed or it made `rounds`. */
  appenders: number;
  batch: number;
  /** Of the sizes of those batches. */
  seed: string;
  rounds: number;
  /** Closers besides; their facts are the same. */
  closers: number;
  endedAt: string;
  kill: KillPoint | null;
}>;

if (import.meta.main) await work(JSON.parse(process.argv[2] as string) as AppenderTask);

async function work(task: AppenderTask): Promise<void> {
  const client = new MongoClient(task.uri, { monitorCommands: true, maxPoolSize: 16 });
  if (task.kill) killAt(client, task.kill);
  const writer = createWriter(client.db(task.dbName));
  const { accountId, sessionId } = task;

  async function append(_: unknown, appender: number): Promise<void> {
    const random = createRandom(`${task.seed} ${appender}`);
    for (let round = 0; round < task.rounds; round += 1) {
      const drafts = Array.from({ length: random.whole(1, task.batch) }, (_, i) => ({
        ...draftEvent(i),
        event_id: newId('event'),
      }));
      for (const { event_id: id } of drafts) say('tried', id);
      const result = await appendEvents(writer, accountId, sessionId, drafts);
      if (result.status !== 'appended' && result.status !== 'closed') {
        throw new Error(`An append found ${JSON.stringify(result)}`);
      }
      for (const id of result.eventIds) say('stored', id);
      if (result.status === 'closed') return;
    }
  }

  async function close(): Promise<void> {
    const facts = { endedAt: new Date(task.endedAt), status: 'ok' } as const;
    const result = await closeLog(writer, accountId, sessionId, facts);
    if (result.status !== 'sealed' && result.status !== 'already_sealed') {
      throw new Error(`A close found ${JSON.stringify(result)}`);
    }
    say('closed', result.status);
  }

  await Promise.all([
    ...Array.from({ length: task.appenders }, append),
    ...Array.from({ length: task.closers }, close),
  ]);
  await client.close();
}

/** Kills this process around one of the client's commands. */
export function killAt(client: MongoClient, { command, when }: KillPoint): void {
  let commands = 0;
  client.on('commandStarted', () => {
    commands += 1;
    if (commands !== command || when === 'answered') return;
    if (when === 'unsent') process.kill(process.pid, 'SIGKILL');
    // The command is written within this turn.
    else setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  });
  let answers = 0;
  client.on('commandSucceeded', () => {
    answers += 1;
    if (when === 'answered' && answers === command) process.kill(process.pid, 'SIGKILL');
  });
}

/** Written at once: what a killed process has said counts. */
function say(word: string, value: string): void {
  writeSync(1, `${word} ${value}\n`);
}
