// What a connection string may not ask for. The driver reads it, so every spelling that the driver takes is recognized.
import { MongoClient } from 'mongodb';

const UNREADABLE =
  'MONGODB_URI is not a connection string that the driver can read: see its hosts, ports and options, and percent-encode what is special in a password';

/**
 * Why a connection string cannot be used, as a sentence that holds nothing of it; null where it can. Refuses options that
 * contradict how evidence is written and read (`evidence.ts`); those that are merely weaker have no effect.
 */
export function findUriProblem(uri: string): string | null {
  let options: MongoClient['options'];
  try {
    ({ options } = new MongoClient(uri));
  } catch {
    // The driver's error may quote a password.
    return UNREADABLE;
  }
  const { writeConcern, readPreference } = options;
  if (writeConcern?.w === 0) {
    return 'MONGODB_URI must not have w=0: writes would be acknowledged before they are made. Remove it: evidence is always written with w=majority';
  }
  if (writeConcern?.journal === false) {
    return 'MONGODB_URI must not have journal=false (nor j=false, fsync=false): a crash would lose acknowledged writes. Remove it: evidence is always journaled';
  }
  if (readPreference !== undefined && readPreference.mode !== 'primary') {
    return `MONGODB_URI must not have readPreference=${readPreference.mode}: a secondary lacks what was just written, and a log read there may look cut. Remove it: everything is read from the primary`;
  }
  return null;
}
