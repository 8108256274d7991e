import type { DatedEntry, EntryTimes } from '../../shared/audit/entry-times.ts';

/** The times of entries from `seq` `begin` on, naively. */
export function timesOf(texts: readonly string[], begin = 0): EntryTimes {
  const dated = texts.map((ts, i): DatedEntry => ({ seq: begin + i, ts }));
  // The sort keeps equal times in the order of `seq`.
  const ascending = dated.toSorted((a, b) => Date.parse(a.ts) - Date.parse(b.ts));
  const latest = ascending.find(({ ts }) => ts === ascending.at(-1)?.ts);
  const back = dated.filter(({ ts }, i) => i > 0 && Date.parse(ts) < Date.parse(texts[i - 1] as string));
  return {
    firstTs: texts[0] ?? null,
    lastTs: texts.at(-1) ?? null,
    earliest: ascending[0] ?? null,
    latest: latest ?? null,
    stepsBack: back.length,
    firstStepBack: back[0]?.seq ?? null,
  };
}
