// `npm run show`: prints the entries of a log, which a database shell does not show where they are packed.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isId } from '../shared/audit/ids.ts';
import type { LogRef } from '../shared/audit/log-record.ts';
import { SEGMENT_SIZE } from '../shared/log-store/segment.ts';
import {
  createSegmentReader,
  SEGMENT_BATCH,
  type SegmentReader,
} from '../shared/log-store/segment-reader.ts';
import { entriesOf } from '../shared/log-store/segment-row.ts';
import { createFleetSessions } from '../shared/sessions/fleet-sessions.ts';
import { EXIT, runCommand, UsageError } from './command/command.ts';
import { connect } from './command/connect.ts';
import { terminalText } from './command/terminal-text.ts';

const USAGE = `usage: npm run show -- SESSION_ID [OPTIONS]

Prints the entries of a session's log as they are stored, one a line, in the order in which they are stored. Checks
nothing: npm run verify -- SESSION_ID does. On a terminal, characters that could change what it shows are escaped.

  --from N            begins at entry N, counted from 0
  --to N              ends before entry N
  --account ID        the account, for a log whose session is gone

exit: 0 done, 2 a segment is missing or cannot be read, 1 there is no such log or another error, 64 usage`;

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  account: { type: 'string' },
} as const;

type Stretch = Readonly<{ from: number; to: number }>;

/** Prints the entries in a stretch of the log. Resolves to how many of its segments are missing or cannot be read. */
async function show(reader: SegmentReader, { accountId, sessionId }: LogRef, { from, to }: Stretch) {
  const stored = await reader.list(accountId, sessionId);
  if (stored.length === 0) throw new Error(`No entry of ${sessionId} is stored.`);
  const shown = process.stdout.isTTY ? terminalText : String;
  let faults = 0;
  const tell = (index: number, what: string) => {
    faults += 1;
    const entries = `entries ${index * SEGMENT_SIZE} to ${(index + 1) * SEGMENT_SIZE - 1}`;
    console.error(`Segment ${index}, ${entries}, ${what}: npm run verify -- ${sessionId} says more.`);
  };

  async function* lines(): AsyncGenerator<string> {
    const wanted = stored.filter((index) => (index + 1) * SEGMENT_SIZE > from && index * SEGMENT_SIZE < to);
    let next = Math.floor(from / SEGMENT_SIZE);
    for (let at = 0; at < wanted.length; at += SEGMENT_BATCH) {
      const segments = await reader.read(accountId, sessionId, wanted.slice(at, at + SEGMENT_BATCH));
      for (const segment of segments) {
        while (next < segment.index) tell(next++, 'is missing');
        next = segment.index + 1;
        const entries = entriesOf(segment);
        if (segment.isPacked && entries[0]?.length === 0) tell(segment.index, 'cannot be unpacked');
        const begin = segment.index * SEGMENT_SIZE;
        for (const entry of entries.slice(Math.max(0, from - begin), Math.max(0, to - begin))) {
          if (entry.length > 0) yield `${shown(entry.toString())}\n`;
        }
      }
    }
  }

  try {
    await pipeline(Readable.from(lines()), process.stdout, { end: false });
  } catch (error) {
    // The reader of a pipe, such as `head`, has seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
  return faults;
}

function parsePosition(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} is a number of an entry, counted from 0.`);
  return Number(text);
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const [sessionId = '', ...rest] = positionals;
    if (rest.length > 0 || !isId('session', sessionId)) {
      throw new UsageError('Name one session: sess_ and 26 upper-case characters.');
    }
    if (values.account !== undefined && !isId('account', values.account)) {
      throw new UsageError('An account id is acc_ and 26 upper-case characters.');
    }
    const from = parsePosition('from', values.from, 0);
    const to = parsePosition('to', values.to, Number.POSITIVE_INFINITY);
    if (to <= from) throw new UsageError('--to is a later entry than --from.');
    await using connected = await connect({ onlyReads: true });
    const { db } = connected;
    const accountId = values.account ?? (await createFleetSessions(db).findOwner(sessionId));
    if (accountId === null) {
      throw new Error(`There is no session ${sessionId}. Give --account for the log of one that is gone.`);
    }
    const faults = await show(createSegmentReader(db), { accountId, sessionId }, { from, to });
    return faults > 0 ? EXIT.foundFailed : EXIT.done;
  });
}
