// Keeps the files of `head-files.ts` beside a recorder: nobody waits for them, and each is written once a second at most.
import type { AccessRepository, AccessTail } from './access-repository.ts';
import { type AppendedTail, hasEnd } from './append-access.ts';
import type { HeadFiles } from './head-files.ts';

/** Follows the ends of records. */
export type HeadKeeper = Readonly<{
  /** To be called when rows were added: the record ends there. Neither throws nor waits. */
  follow(accountId: string, tail: AppendedTail): void;
  /** Writes what is left. */
  close(): Promise<void>;
}>;

type KeeperDeps = Readonly<{
  files: HeadFiles;
  rows: Pick<AccessRepository, 'findHash'>;
  log: Readonly<Record<'error' | 'warn', (fields: object, text: string) => void>>;
}>;

const WRITE_EVERY_MS = 1_000;

/**
 * Each time before a file is written, what it says is compared with the record: another process may have written it. A file
 * that the record contradicts is never written over: it says how far the record went.
 */
export function createHeadKeeper({ files, rows, log }: KeeperDeps): HeadKeeper {
  const contradicted = new Set<string>();
  const due = new Map<string, AccessTail>();
  /** Of each account the first end that its record lost since its file was written. */
  const lost = new Map<string, AccessTail>();
  let timer: NodeJS.Timeout | null = null;
  let writing = Promise.resolve();

  async function keep(accountId: string, tail: AccessTail): Promise<void> {
    if (contradicted.has(accountId)) return;
    const known = await files.read(accountId);
    const stands = known === null || (await hasEnd(rows, accountId, known));
    const gone = stands ? lost.get(accountId) : known;
    if (gone) {
      log.error(
        { account_id: accountId, size: gone.size, this_hash: gone.hashHex },
        'an access record was cut or replaced: npm run verify -- --access tells where',
      );
    }
    // An end that stands may be one of the record that took the place of what was cut off: the lost one tells more.
    if (stands && gone) await files.write(accountId, gone);
    else if (stands && (known === null || tail.size > known.size)) await files.write(accountId, tail);
    if (gone) contradicted.add(accountId);
  }

  function flush(): Promise<void> {
    timer = null;
    const batch = [...due];
    due.clear();
    writing = writing.then(async () => {
      for (const [accountId, tail] of batch) {
        await keep(accountId, tail).catch((err: unknown) =>
          log.warn({ err, account_id: accountId }, 'the end of an access record was not kept'),
        );
      }
    });
    return writing;
  }

  return {
    follow(accountId, { gone, ...tail }) {
      if (gone !== null && !lost.has(accountId)) lost.set(accountId, gone);
      due.set(accountId, tail);
      timer ??= setTimeout(() => void flush(), WRITE_EVERY_MS).unref();
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      await flush();
    },
  };
}
