import type { Permission } from '../../shared/accounts/permissions.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiMiddleware } from './context.ts';

export function requirePermission(permission: Permission): ApiMiddleware {
  return function requirePermissionOfLogin(ctx, next) {
    if (!ctx.state.actor.permissions.includes(permission)) {
      throw new AppError('forbidden', `The login lacks the permission ${permission}.`);
    }
    return next();
  };
}
