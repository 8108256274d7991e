/** What the live region of a page says next. */
export type Announcer = (text: string, status: string, atMs: number) => string;

/**
 * Gives the text to announce at a time: a new one at once where the status has changed, and `everyMs` after the last one
 * otherwise. A live region that speaks without a pause says nothing.
 */
export function createAnnouncer(everyMs: number): Announcer {
  let said = { text: '', status: '', atMs: Number.NEGATIVE_INFINITY };
  return function announce(text, status, atMs) {
    const isDue = status !== said.status || atMs - said.atMs >= everyMs;
    if (isDue && text !== said.text) said = { text, status, atMs };
    return said.text;
  };
}
