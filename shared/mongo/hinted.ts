import { type IndexSpecification, MongoServerError } from 'mongodb';

/** BadValue: what a server says of a hint to an index that is not there. */
const BAD_VALUE = 2;

/**
 * The result of a read by one index, for reads where the server would weigh another index as good and read far more rows
 * by it. Reads without the hint while the index is not there: it may be being built, and whoever runs a command that only
 * reads need not have the right to build it.
 */
export async function byIndex<T>(
  key: IndexSpecification,
  read: (options: Readonly<{ hint?: IndexSpecification }>) => Promise<T>,
): Promise<T> {
  try {
    return await read({ hint: key });
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === BAD_VALUE)) throw error;
    return await read({});
  }
}
