import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiMiddleware } from './context.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Behind the login, which says whose request it is; requests that it refuses are nobody's and not counted. */
export function limitRate(limiter: RateLimiter): ApiMiddleware {
  return async function limitRateOfAccount(ctx, next) {
    const retryAfterS = await limiter.count(ctx.state.actor.accountId);
    if (retryAfterS !== null) {
      throw new AppError('rate_limited', 'The account sends more than RATE_LIMIT allows.', { retryAfterS });
    }
    return next();
  };
}
