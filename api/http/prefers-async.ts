import type { ApiContext } from './context.ts';

/**
 * Whether the request prefers an answer at once over the result: `Prefer: respond-async` (RFC 7240), alone or among
 * other preferences. What stands in quotes is a value.
 */
export function prefersAsync(ctx: Pick<ApiContext, 'get'>): boolean {
  return ctx
    .get('Prefer')
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .split(',')
    .some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}
