// Walks a report as it is in memory: every place that a value or a key of a Map stands at.

export type Step = string | number | Readonly<{ key: string }>;

/** The places of all leaves and of all Map keys (`{ key }` as the last step, whose value is the key itself). */
export function* leavesOf(value: unknown, path: readonly Step[] = []): Generator<readonly Step[]> {
  if (value instanceof Map) {
    for (const [key, member] of value) {
      yield [...path, { key }];
      yield* leavesOf(member, [...path, key]);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      yield* leavesOf(member, [...path, Array.isArray(value) ? Number(name) : name]);
    }
  } else {
    yield path;
  }
}

/** A copy with another value (or, where the last step is a key, another key) at one place. */
export function planted<T>(value: T, path: readonly Step[], plant: unknown): T {
  const [step, ...rest] = path;
  if (step === undefined) return plant as T;
  if (typeof step === 'object') {
    const entries = [...(value as Map<string, unknown>)];
    return new Map(entries.map(([key, member]) => [key === step.key ? plant : key, member])) as T;
  }
  if (value instanceof Map) return new Map(value).set(step, planted(value.get(step), rest, plant)) as T;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
  copy[step] = planted(copy[step], rest, plant);
  return copy as T;
}
