import { MongoServerError } from 'mongodb';

/** Whether a write lost to another one with the same unique key. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11000;
}
