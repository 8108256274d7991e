// Notes again what is missing of where sessions stand in an account log: without it nothing but this check finds that an
// older copy of a session was put back.
import type { LogPlaces, PlacedSession } from '../../shared/transparency/log-places.ts';
import type { EntryText } from './entry-text.ts';

/** `through`: entries below it were noted before. Resolves to how many of the page's are noted no more. */
export async function restorePlaces(
  places: LogPlaces,
  accountId: string,
  page: readonly EntryText[],
  through: number,
): Promise<number> {
  const placed = page.flatMap(({ entry, index }): PlacedSession[] =>
    entry.kind === 'session_closed' && index < through ? [{ sessionId: entry.session_id, index }] : [],
  );
  return await places.restore(accountId, placed);
}
