/** What the live region of a page says next; null where it has nothing new to say, or has just spoken. */
export type Announcer = (text: string, status: string, atMs: number) => string | null;

/**
 * Gives each text to announce once: at once where the status has changed, and `everyMs` after the last one otherwise. A
 * live region that speaks without a pause says nothing.
 */
export function createAnnouncer(everyMs: number): Announcer {
  let said = { text: '', status: '', atMs: Number.NEGATIVE_INFINITY };
  return function announce(text, status, atMs) {
    const isDue = status !== said.status || atMs - said.atMs >= everyMs;
    if (!isDue || text === said.text) return null;
    said = { text, status, atMs };
    return text;
  };
}
