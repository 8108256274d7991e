import type { DatedEntry, EntryTimes } from '../../shared/audit/entry-times.ts';

/** The times of entries from `seq` `begin` on, naively. */
export function timesOf(texts: readonly string[], begin = 0): EntryTimes {
  const dated = texts.map((ts, i): DatedEntry => ({ seq: begin + i, ts }));
  // The sort keeps equal times in the order of `seq`.
  const ascending = dated.toSorted((a, b) => Date.parse(a.ts) - Date.parse(b.ts));
  const latest = ascending.find(({ ts }) => ts === ascending.at(-1)?.ts);
  const stepOf = (i: number) =>
    Date.parse(texts[i - 1] ?? '0000-01-01T00:00:00.000Z') - Date.parse(texts[i] as string);
  const back = dated.filter((_, i) => stepOf(i) > 0);
  return {
    firstTs: texts[0] ?? null,
    lastTs: texts.at(-1) ?? null,
    earliest: ascending[0] ?? null,
    latest: latest ?? null,
    stepsBack: back.length,
    firstStepBack: back[0]?.seq ?? null,
    largestStepBackMs: Math.max(0, ...texts.map((_, i) => stepOf(i))),
  };
}
