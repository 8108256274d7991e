import { MongoServerError } from 'mongodb';

/** Whether an error is MongoDB's 13: the login has no right to do this. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 13;
}
