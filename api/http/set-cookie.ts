// Writes cookies. Koa's own cookie writer refuses Secure on plain HTTP, which a TLS proxy uses to reach this process.
import type { ApiContext } from './context.ts';

/** What is written: `secure` has browsers send it over HTTPS only. */
export type Cookie = Readonly<{
  name: string;
  value: string;
  path: string;
  expiresAt: Date;
  secure: boolean;
}>;

/** Sets a cookie that scripts cannot read, in place of one of its name that the answer sets already. */
export function setCookie(
  ctx: Pick<ApiContext, 'set' | 'response'>,
  { name, value, path, expiresAt, secure }: Cookie,
): void {
  const others = [ctx.response.get('Set-Cookie')].flat().filter((set) => set && !set.startsWith(`${name}=`));
  const attributes = `Path=${path}; Expires=${expiresAt.toUTCString()}; HttpOnly; SameSite=Lax`;
  ctx.set('Set-Cookie', [...others, `${name}=${value}; ${attributes}${secure ? '; Secure' : ''}`]);
}

/** Has a browser drop a cookie: its path must be the one with which it was set. */
export function clearCookie(
  ctx: Pick<ApiContext, 'set' | 'response'>,
  cookie: Pick<Cookie, 'name' | 'path' | 'secure'>,
): void {
  setCookie(ctx, { ...cookie, value: '', expiresAt: new Date(0) });
}
