import type { Collection, OptionalUnlessRequiredId } from 'mongodb';
import { isDuplicateKey } from './duplicate-key.ts';

/**
 * Inserts a document. False, and nothing is written, where another document has the same `_id` or other unique key.
 * Rejects with the driver's error for any other failure.
 */
export async function insertRow<Row extends { _id: string }>(
  collection: Collection<Row>,
  row: Row,
): Promise<boolean> {
  try {
    await collection.insertOne(row as OptionalUnlessRequiredId<Row>);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
