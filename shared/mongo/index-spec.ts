/** An index, declared beside the repository that needs it. */
export type IndexSpec = Readonly<{
  collection: string;
  key: Record<string, 1 | -1>;
  unique?: true;
  sparse?: true;
  expireAfterSeconds?: number;
  /** Only where mongo-java-server answers: a unique index that makes one filter quick there. */
  emulatedOnly?: true;
}>;
