// Bull Board over the queues of a deployment, as Koa middleware that is mounted at a path. The package is loaded at the
// first request: it brings a view engine and a body parser that nothing else here needs.
import type { Middleware } from 'koa';
import type { Queues } from '../../shared/queues/queues.ts';

export type BoardOptions = Readonly<{ path: string; readOnly: boolean }>;

/** Middleware that calls `next` for a path that the board does not have, and throws its errors. */
export async function loadBoard({ all }: Queues, { path, readOnly }: BoardOptions): Promise<Middleware> {
  const [{ createBullBoard }, { BullMQAdapter }, { KoaAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/koa'),
  ]);
  const serverAdapter = new KoaAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({
    queues: all.map((queue) => new BullMQAdapter(queue, { readOnlyMode: readOnly })),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Masker queues' } },
  });
  // Replaces the package's error handler, which shows callers the text of any error.
  serverAdapter.setErrorHandler((error) => {
    throw error;
  });
  return serverAdapter.registerPlugin() as Middleware;
}
