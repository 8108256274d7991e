// The options of commands that visit many sessions: which sessions, and how.
import { availableParallelism } from 'node:os';
import { isId } from '../../shared/audit/ids.ts';
import type { SessionSelection } from '../../shared/sessions/fleet-sessions.ts';
import { TIME_FAULTS } from '../../shared/time/parse-time.ts';
import { parseSince, resolveSince } from '../../shared/time/time-window.ts';
import { UsageError } from '../command/command.ts';
import { terminalText } from '../command/terminal-text.ts';

export const SESSION_OPTIONS = {
  account: { type: 'string' },
  agent: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  'dry-run': { type: 'boolean' },
  concurrency: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Of a command that goes on where an earlier run of it was stopped. */
export const RESTART_OPTION = { restart: { type: 'boolean' } } as const;

export const RESTART_USAGE = `  --restart           begins anew where an earlier run of the same command was stopped`;

export const SELECTION_USAGE = `  --account ID        sessions of this account (by default of all)
  --agent ID          sessions of this agent
  --since T           sessions that started at T or later; T is <n>h or <n>d (ago), or an ISO 8601 time
  --until T           sessions that started before T`;

export const RUN_USAGE = `  --concurrency N     threads, 1 to 999 (by default one per core)
  --json              prints one JSON object per line, the summary last`;

type Values = {
  [Name in keyof typeof SESSION_OPTIONS]?: (typeof SESSION_OPTIONS)[Name]['type'] extends 'string'
    ? string | undefined
    : boolean | undefined;
} & { restart?: boolean | undefined };

export type SessionOptions = Readonly<{
  selection: SessionSelection;
  dryRun: boolean;
  concurrency: number;
  json: boolean;
  restart: boolean;
  /** Equal for two runs of the same command; null for relative times, which select other sessions tomorrow. */
  resumeBy: object | null;
}>;

/** Throws a `UsageError` for an option that is not usable. */
export function parseSessionOptions(values: Values, positionals: readonly string[]): SessionOptions {
  if (positionals.length > 0)
    throw new UsageError(`Unexpected argument ${terminalText(positionals[0] as string)}.`);
  const { account, agent, since, until, concurrency } = values;
  const { json = false, 'dry-run': dryRun = false, restart = false } = values;
  const now = new Date();
  const isRelative = [since, until].some((text) => text !== undefined && /[hd]$/.test(text));
  return {
    selection: {
      accountId: parseId('account', account),
      agentId: parseId('agent', agent),
      since: parseTimeOption('since', since, now),
      until: parseTimeOption('until', until, now),
    },
    dryRun,
    concurrency: parseCount('concurrency', concurrency, availableParallelism()),
    json,
    restart,
    resumeBy: isRelative ? null : { account, agent, since, until, dryRun },
  };
}

function parseId(kind: 'account' | 'agent', text: string | undefined): string | undefined {
  if (text === undefined || isId(kind, text)) return text;
  throw new UsageError(
    `--${kind} takes an id: ${kind === 'account' ? 'acc' : 'agt'}_ and 26 upper-case characters.`,
  );
}

function parseTimeOption(name: 'since' | 'until', text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const parsed = parseSince(text);
  if (parsed.ok) return resolveSince(parsed.since, now);
  throw new UsageError(
    parsed.fault === 'form'
      ? `--${name} takes <n>h, <n>d, or an ISO 8601 time such as 2026-05-03T21:14:32Z.`
      : `--${name} ${TIME_FAULTS[parsed.fault]}.`,
  );
}

/** A whole number from 1 to 999. */
function parseCount(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a whole number from 1 to 999.`);
}
