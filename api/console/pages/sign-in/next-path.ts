// Where a reader is led after signing in. The address bar states it, so anybody may have written it.
import { z } from 'zod';

/** Longer ones are left out: the cookie that carries one must stay below what browsers take. */
const LONGEST = 2_000;

/** ASCII as browsers write it in paths: no space, quote or angle bracket, nor a backslash, which they read as a slash. */
const PATH = /^\/(?!\/)[!#-;=?-[\]-~]*$/;

/**
 * Not a page to come back to: signing in again would run in a circle, and a route of the API may make a report in the
 * reader's name.
 */
const LEFT_OUT = /^\/(sign-in|sign-out|api)(?![\w-])/;

/** A field that names a page to go to. It may be left out, and is read by `nextPath`. */
export const next = z.string('next must be given once, a path of this service.').optional();

/** The path, where it names a page of this host to come back to; else the first page. */
export function nextPath(stated: string | undefined): `/${string}` {
  if (stated === undefined || stated.length > LONGEST || !PATH.test(stated)) return '/';
  // As a browser resolves it: `/x/../api` and `/%2e/api` are paths of the API, too.
  const { origin, pathname } = new URL(stated, ORIGIN);
  return origin === ORIGIN && !LEFT_OUT.test(pathname) ? (stated as `/${string}`) : '/';
}

/** Any origin: paths are resolved against it. */
const ORIGIN = 'http://localhost';
