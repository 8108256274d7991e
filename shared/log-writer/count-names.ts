// The names that a session's row counts its events by. Each is an item of the row, which lists and walks read.
import type { Session } from '../sessions/session.ts';
import type { IdentifiedEvent } from './draft.ts';

/** Distinct names of kinds and passes of a log, which its row counts one by one. */
export const NAMES_LIMIT = 2_000;

/** Distinct names that the row counts, and those of events. */
export function countNames({ aggregate }: Session, events: readonly IdentifiedEvent[]): number {
  const names = new Set<string>();
  for (const [name] of aggregate.redactionsByKind) names.add(`kind ${name}`);
  for (const [name] of aggregate.redactionsByPass) names.add(`pass ${name}`);
  for (const { members } of events) {
    names.add(`kind ${String(members.get('entity_kind'))}`);
    names.add(`pass ${String(members.get('pass'))}`);
  }
  return names.size;
}
