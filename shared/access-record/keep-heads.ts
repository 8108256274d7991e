// Keeps the files of `head-files.ts` beside a recorder: nobody waits for them, and each is written once a second at most.
import type { AccessRepository, AccessTail } from './access-repository.ts';
import type { HeadFiles } from './head-files.ts';

/** Follows the ends of records. */
export type HeadKeeper = Readonly<{
  /** To be called when rows were added: the record ends there. Neither throws nor waits. */
  follow(accountId: string, tail: AccessTail): void;
  /** Writes what is left. */
  close(): Promise<void>;
}>;

type KeeperDeps = Readonly<{
  files: HeadFiles;
  rows: Pick<AccessRepository, 'findHash'>;
  log: Readonly<Record<'error' | 'warn', (fields: object, text: string) => void>>;
}>;

const WRITE_EVERY_MS = 1_000;
/** Accounts whose files this process has looked at. */
const ACCOUNTS_KEPT = 10_000;

/**
 * The first time that an account's record is written to, what its file says is compared with the record. A file that the
 * record contradicts is never written over: it says how far the record went.
 */
export function createHeadKeeper({ files, rows, log }: KeeperDeps): HeadKeeper {
  const kept = new Map<string, AccessTail>();
  const contradicted = new Set<string>();
  const due = new Map<string, AccessTail>();
  let timer: NodeJS.Timeout | null = null;
  let writing = Promise.resolve();

  async function keep(accountId: string, tail: AccessTail): Promise<void> {
    if (contradicted.has(accountId)) return;
    const known = kept.get(accountId) ?? (await readChecked(accountId));
    if (contradicted.has(accountId)) return;
    const isLonger = known === null || tail.size > known.size;
    if (isLonger) await files.write(accountId, tail);
    kept.delete(accountId);
    kept.set(accountId, isLonger ? tail : known);
    const [oldest] = kept.keys();
    if (kept.size > ACCOUNTS_KEPT && oldest !== undefined) kept.delete(oldest);
  }

  async function readChecked(accountId: string): Promise<AccessTail | null> {
    const head = await files.read(accountId);
    if (head === null || (await rows.findHash(accountId, head.size - 1)) === head.hashHex) return head;
    contradicted.add(accountId);
    log.error(
      { account_id: accountId, size: head.size, this_hash: head.hashHex },
      'an access record was cut or replaced: npm run verify -- --access tells where',
    );
    return null;
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
    follow(accountId, tail) {
      due.set(accountId, tail);
      timer ??= setTimeout(() => void flush(), WRITE_EVERY_MS).unref();
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      await flush();
    },
  };
}
