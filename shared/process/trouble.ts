// The one throttle of a process for errors of the servers that it stands on. A Redis that refuses writes fails thousands of
// commands a second, and a line for each would fill the disk and hide the cause.
import type { Logger } from 'pino';
import { MINUTE_MS } from '../time/durations.ts';
import { type Dependency, innermost } from './dependency-error.ts';

/** Fields of a line beside those of the error: ids and names of parts, never data. */
type About = Readonly<Record<string, string | number | undefined>>;

type Told = { count: number; last: About; error: unknown };

/** Kinds that are told of in a minute. A server can send no more than a few. */
const KINDS_AT_MOST = 100;
const LONGEST_MESSAGE = 300;

const toldBy = new WeakMap<Pick<Logger, 'warn'>, Map<string, Told>>();

/**
 * Logs an error of a dependency with its message: the first of a kind at once, further ones together a minute later, with
 * how many there were (`count`). A kind is what the dependency says, whoever asked it. All that share a log share this.
 */
export function tellTrouble(
  log: Pick<Logger, 'warn'>,
  dependency: Dependency,
  error: unknown,
  about: About = {},
): void {
  const kinds = toldBy.get(log) ?? new Map<string, Told>();
  toldBy.set(log, kinds);
  const kind = kindOf(error);
  const key = `${dependency} ${kind}`;
  const told = kinds.get(key);
  if (told) {
    told.count += 1;
    told.last = about;
    told.error = error;
    return;
  }
  if (kinds.size >= KINDS_AT_MOST) return;
  const write = (count: number, each: unknown, fields: About) =>
    log.warn(
      { ...fields, dependency, kind, message: messageOf(each), count, err: each },
      'trouble with a server that the service needs',
    );
  write(1, error, about);
  const begin = () => {
    const next: Told = { count: 0, last: about, error };
    kinds.set(key, next);
    const end = () => {
      kinds.delete(key);
      if (next.count === 0) return;
      write(next.count, next.error, next.last);
      begin();
    };
    // The process must not stay for a line of its log.
    setTimeout(end, MINUTE_MS).unref();
  };
  begin();
}

/** Of Redis the first word, such as OOM or READONLY; of others the name and the code. */
function kindOf(error: unknown): string {
  const said = innermost(error);
  if (!(said instanceof Error)) return typeof said;
  const [word] = said.name === 'ReplyError' ? (/^[A-Z]{2,24}\b/.exec(said.message) ?? []) : [];
  if (word !== undefined) return word;
  const { code } = said as { code?: unknown };
  return typeof code === 'string' || typeof code === 'number' ? `${said.name} ${code}` : said.name;
}

function messageOf(error: unknown): string {
  const said = innermost(error);
  return (said instanceof Error ? said.message : String(said)).slice(0, LONGEST_MESSAGE);
}
