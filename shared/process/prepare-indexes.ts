// Indexes at the start of a process that serves. It waits for those without which it would do wrong: unique ones, and those
// that a query names. The others make lists quick; they are built while it serves, since a large one takes hours.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { openMongo } from '../mongo/connection.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { asStoreFailure } from '../mongo/store-failure.ts';
import { renameOldFields } from '../sessions/rename-old-fields.ts';
import { createIndex, listMissingIndexes } from './ensure-indexes.ts';

/** What `/health` says of the indexes. */
export type IndexState = 'ok' | `${'building' | 'failed'}: ${string}`;

/** The building of indexes, beside what the process does. */
export type IndexBuild = Readonly<{
  state(): IndexState;
  /** Resolves when nothing is to be built any more, whether or not all went well. Never rejects. */
  done: Promise<void>;
  /** Leaves what is not built to the next start. */
  stop(): Promise<void>;
}>;

type Place = Readonly<{ uri: string; dbName: string; db: Db }>;

const TRY_AGAIN_MS = 5_000;

/**
 * Resolves once every index is there that the process cannot do without. Several processes may call it at once. Rejects
 * with the driver's error, and with the remedy where the login may not create what is missing.
 */
export async function prepareIndexes({ uri, dbName, db }: Place): Promise<IndexBuild> {
  const missing = await listMissingIndexes(db);
  if (missing.length === 0) {
    await renameOldFields(db);
    return { state: () => 'ok', done: Promise.resolve(), stop: async () => {} };
  }
  // A build answers when it is done: it may take as long as it takes.
  const builder = openMongo(uri, dbName, { socketTimeoutMs: 0, maxPoolSize: 1 });
  try {
    for (const spec of missing.filter(isNeeded)) await createIndex(builder.db, spec);
    await renameOldFields(builder.db);
  } catch (error) {
    await builder.close();
    throw error;
  }
  return buildOthers(
    builder,
    missing.filter((spec) => !isNeeded(spec)),
  );
}

/** Whether the process would do wrong without the index: it is unique, or a query names it. */
export function isNeeded({ unique, isNamed }: IndexSpec): boolean {
  return unique === true || isNamed === true;
}

function buildOthers(builder: Readonly<{ db: Db; close(): Promise<void> }>, others: IndexSpec[]): IndexBuild {
  const left = new Set(others);
  const failed = new Map<IndexSpec, string>();
  const stopping = new AbortController();

  async function build(spec: IndexSpec): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await createIndex(builder.db, spec);
        break;
      } catch (error) {
        if (stopping.signal.aborted) return;
        // An election ends a build, and the next try goes on from what the server has kept.
        if (!asStoreFailure(error)) {
          failed.set(spec, error instanceof Error ? error.message : '');
          break;
        }
        await sleep(TRY_AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
    left.delete(spec);
  }

  async function buildAll(): Promise<void> {
    for (const spec of others) await build(spec);
    await builder.close();
  }

  return {
    state() {
      if (left.size > 0)
        return `building: ${describe([...left])}, and lists that need them are slow until then`;
      const [[spec, why] = []] = failed;
      return spec === undefined ? 'ok' : `failed: ${describe([...failed.keys()])}: ${why}`;
    },
    done: buildAll(),
    async stop() {
      stopping.abort();
      await builder.close();
    },
  };
}

/** How many, and the first of them. */
function describe(specs: readonly IndexSpec[]): string {
  const [{ collection, key } = { collection: '', key: {} }] = specs;
  const first = `${collection}: ${Object.keys(key).join(', ')}`;
  return specs.length === 1 ? `1 index (${first})` : `${specs.length} indexes (${first} …)`;
}
