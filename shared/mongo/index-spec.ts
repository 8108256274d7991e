/** An index, declared beside the repository that needs it and created by `process/ensure-indexes.ts`. */
export type IndexSpec = Readonly<{
  collection: string;
  key: Record<string, 1 | -1>;
  unique?: true;
  sparse?: true;
  /** Seconds after the date in the index's field at which MongoDB deletes the document. */
  expireAfterSeconds?: number;
  /** A query names it as its hint, and fails where it is not there. */
  isNamed?: true;
}>;
