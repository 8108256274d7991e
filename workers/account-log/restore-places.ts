// Notes again what is missing of where sessions stand in an account log: without it nothing but this check finds that an
// older copy of a session was put back.
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import { type LogPlaces, placeOf, type ReportedPlace } from '../../shared/transparency/log-places.ts';
import type { LogSegments } from '../../shared/transparency/log-segments.ts';
import { type EntryText, textAt } from './entry-text.ts';

type Deps = Readonly<{ places: LogPlaces; segments: Pick<LogSegments, 'read'> }>;

/** `notedUpTo`: entries below it were noted before. Resolves to how many of the page's are noted no more. */
export async function restorePlaces(
  { places, segments }: Deps,
  accountId: string,
  page: readonly EntryText[],
  notedUpTo: number,
): Promise<number> {
  const placed = page.flatMap(({ entry, index }) => (index < notedUpTo ? (placeOf(entry, index) ?? []) : []));

  async function isTrue(sessionId: string, { index, size, rootHex }: ReportedPlace): Promise<boolean> {
    const text = await textAt(segments, accountId, index);
    const place = text === null ? null : placeOf(parseLogEntry(text), index);
    const { reported } = place ?? {};
    return place?.sessionId === sessionId && reported?.size === size && reported.rootHex === rootHex;
  }

  return await places.restore(accountId, placed, isTrue);
}
