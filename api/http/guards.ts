// The checks in front of a route that is not public.
import type { Permission } from '../../shared/accounts/permissions.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiDeps, ApiMiddleware } from './context.ts';
import { type LoginDeps, requireLogin } from './login.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RoutePermission } from './route-spec.ts';

/** The checks that a permission stands for, in their order: login, rate limit, permission. */
export function guard(
  permission: RoutePermission,
  deps: LoginDeps & Pick<ApiDeps, 'rateLimiter'>,
): ApiMiddleware[] {
  if (permission === 'public') return [];
  const known = [requireLogin(deps), ...(deps.rateLimiter ? [limitRate(deps.rateLimiter)] : [])];
  return permission === 'login' ? known : [...known, requirePermission(permission)];
}

/**
 * Counts a request for its account, and says what is left (draft-ietf-httpapi-ratelimit-headers). It follows the login
 * check: requests without a login are not counted.
 */
function limitRate(limiter: RateLimiter): ApiMiddleware {
  const { requests, windowS } = limiter.quota;
  const policy = `"account";q=${requests};w=${windowS}`;
  return async function limitRateOfAccount(ctx, next) {
    const { retryAfterS, left, resetS } = await limiter.count(ctx.state.actor.accountId);
    ctx.set('RateLimit-Policy', policy);
    ctx.set('RateLimit', `"account";r=${left};t=${resetS}`);
    if (retryAfterS !== null) {
      throw new AppError('rate_limited', 'The account sends more than RATE_LIMIT allows.', { retryAfterS });
    }
    return next();
  };
}

function requirePermission(permission: Permission): ApiMiddleware {
  return function requirePermissionOfLogin(ctx, next) {
    if (!ctx.state.actor.permissions.includes(permission)) {
      throw new AppError('forbidden', `The login or token lacks the permission ${permission}.`);
    }
    return next();
  };
}
