// The options by which commands over many sessions are told which.

import { isId } from '../../shared/ids.ts';
import type { SessionSelection } from '../../shared/sessions/session-work.ts';
import { parseSince, resolveSince } from '../../shared/time-window.ts';
import { UsageError } from '../command.ts';

export const SELECTION_OPTIONS = {
  account: { type: 'string' },
  agent: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
} as const;

export const SELECTION_USAGE = `  --account ID        sessions of this account (by default of all)
  --agent ID          sessions of this agent
  --since, --until T  sessions that started at T or later, before T: <n>h or <n>d ago, or an ISO 8601 time`;

type Values = { [Name in keyof typeof SELECTION_OPTIONS]?: string | undefined };

/** Throws a UsageError for what cannot be used. */
export function parseSelection(values: Values, now: Date): SessionSelection {
  return {
    accountId: parseId('account', values.account),
    agentId: parseId('agent', values.agent),
    since: parseTimeOption('since', values.since, now),
    until: parseTimeOption('until', values.until, now),
  };
}

/** Whether the same options select the same sessions tomorrow, so that a run may go on where an earlier one was. */
export function isFixed({ since, until }: Values): boolean {
  return [since, until].every((text) => text === undefined || !/[hd]$/.test(text));
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
  if (parsed) return resolveSince(parsed, now);
  throw new UsageError(`--${name} takes <n>h, <n>d, or an ISO 8601 time such as 2026-05-03T21:14:32Z.`);
}

/** A whole number of at least 1. */
export function parseCount(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a whole number from 1 to 999.`);
}
