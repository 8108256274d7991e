/**
 * An index, declared beside the repository that needs it and created by `process/ensure-indexes.ts`.
 *
 * `emulatedOnly` indexes exist for mongo-java-server alone, which stands in for MongoDB where none can be had. That
 * server uses an index only for a filter on exactly the index's fields, all compared by equality, and only if the index
 * is unique; it scans the collection for every other filter. MongoDB finds these rows by `_id` and needs none of them.
 * An `emulatedOnly` index is therefore `unique`, begins with `_id`, and repeats the fields of one frequent filter.
 */
export type IndexSpec = Readonly<{
  collection: string;
  key: Record<string, 1 | -1>;
  unique?: true;
  sparse?: true;
  /** Seconds after the date in the index's field at which MongoDB deletes the document. */
  expireAfterSeconds?: number;
  emulatedOnly?: true;
  /** A query names it as its hint, and fails where it is not there. */
  isNamed?: true;
}>;
