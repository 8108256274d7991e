/** Whole numbers from 0 in equal steps of 1, 2 or 5 times a power of ten, about `count` of them; the last is at least `max`. */
export function wholeTicks(max: number, count: number): number[] {
  const least = Math.max(1, max / (count - 1));
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= least)!;
  const steps = Math.max(1, Math.ceil(max / step));
  return Array.from({ length: steps + 1 }, (_, i) => i * step);
}

/** At most `count` of the items, equally far apart, the first among them. */
export function spreadTicks<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.ceil(items.length / count);
  return items.filter((_, i) => i % step === 0);
}
