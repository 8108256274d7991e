// What a browser carries to the identity provider and back: the secrets of this sign-in, and where it leads. Signed, so
// that nobody makes one, and dropped when it is read, so that it serves once.
import { z } from 'zod';
import { MINUTE_MS } from '../../../../shared/time/durations.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { clearCookie, setCookie } from '../../../http/set-cookie.ts';

/** The cookie goes to the start and the callback alone. */
const COOKIE = { name: 'masker_oidc', path: '/sign-in/oidc' } as const;
const LIFETIME_MS = 10 * MINUTE_MS;

const flowSchema = z.strictObject({
  secrets: z.strictObject({ state: z.string(), nonce: z.string(), codeVerifier: z.string() }),
  next: z.string(),
  expiresAtMs: z.number(),
});

export type Flow = Pick<z.output<typeof flowSchema>, 'secrets' | 'next'>;
type Deps = Pick<ApiDeps, 'signInFlows' | 'production'>;

export function keepFlow({ signInFlows, production }: Deps, ctx: ApiContext, flow: Flow): void {
  const expiresAt = new Date(Date.now() + LIFETIME_MS);
  const value = signInFlows.sign({ ...flow, expiresAtMs: expiresAt.getTime() });
  setCookie(ctx, { ...COOKIE, value, expiresAt, secure: production });
}

/** Takes the flow back from the browser; null where it carries none, a changed one or one of ten minutes ago. */
export function takeFlow({ signInFlows, production }: Deps, ctx: ApiContext): Flow | null {
  const text = ctx.cookies.get(COOKIE.name);
  clearCookie(ctx, { ...COOKIE, secure: production });
  const { success, data } = flowSchema.safeParse(text ? signInFlows.verify(text) : null);
  return success && data.expiresAtMs > Date.now() ? data : null;
}
