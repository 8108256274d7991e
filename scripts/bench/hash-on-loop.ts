// A module that the API's process loads first. Replaces the report threads by `loop-pool.ts`.
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const POOL = new URL('../../workers/reports/pool.ts', import.meta.url).href;
const STAND_IN = new URL('./loop-pool.ts', import.meta.url).href;

if (isMainThread) {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const replaced = resolved.url === POOL && context.parentURL !== STAND_IN;
      return replaced ? { ...resolved, url: STAND_IN } : resolved;
    },
  });
}
