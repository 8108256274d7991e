import { MongoServerError } from 'mongodb';

/** Whether an error is MongoDB's E11000: another document has the same unique key. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11000;
}
