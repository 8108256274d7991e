import type { Actor } from '../../http/context.ts';
import type { RoutePermission } from '../../http/route-spec.ts';

/** Whether a login may see what a permission guards: a link or a button to it is left out otherwise. */
export function maySee({ permissions }: Pick<Actor, 'permissions'>, wanted: RoutePermission): boolean {
  return wanted === 'public' || wanted === 'login' || permissions.includes(wanted);
}
