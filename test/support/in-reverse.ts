/** What a helper needs of a test to clean up after itself. */
export type Cleaned = { after(cleanUp: () => Promise<void>): void };

/** Cleans up in the reverse order, as node:test does not: an API sees what is still open that was opened after it. */
export function inReverse(t: Cleaned): Cleaned {
  const cleanUps: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });
  return { after: (cleanUp) => cleanUps.push(cleanUp) };
}
