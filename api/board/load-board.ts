// Bull Board over the queues of a deployment, as a piece of Koa that is mounted at a path. It is loaded when somebody
// asks for it first: it brings a view engine and a body parser that nothing else here needs.
import type { Middleware } from 'koa';
import type { Queues } from '../../shared/queues/queues.ts';

export type BoardOptions = Readonly<{ path: string; readOnly: boolean }>;

/** Calls `next` for what the board has no page for, and throws what goes wrong in it. */
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
  // Its own would show callers the text of any error.
  serverAdapter.setErrorHandler((error) => {
    throw error;
  });
  return serverAdapter.registerPlugin() as Middleware;
}
