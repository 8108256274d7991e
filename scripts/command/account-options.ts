// The options of commands about logins and tokens.
import {
  isPermission,
  PERMISSIONS,
  type Permission,
  TENANT_PERMISSIONS,
} from '../../shared/accounts/permissions.ts';
import { LONGEST_NAME, readVisibleName } from '../../shared/accounts/visible-name.ts';
import { isId } from '../../shared/audit/ids.ts';
import { UsageError } from './command.ts';
import { terminalText } from './terminal-text.ts';

/** Rows that a list shows at most. */
export const LISTED_AT_MOST = 1_000;

export const PERMISSIONS_USAGE = `${PERMISSIONS.join(', ')}
                       (tokens:write makes and revokes API tokens, and ends the logins of others; admin shows the
                       queues of all accounts at /admin/queues, admin:write with it changes them: for operators only)`;

/** Throws a `UsageError` unless the arguments name an account and hold nothing beside options. */
export function parseAccount(accountId: string | undefined, positionals: readonly string[]): string {
  if (positionals.length > 0)
    throw new UsageError(`Unexpected argument ${terminalText(positionals[0] as string)}.`);
  if (!isId('account', accountId)) throw new UsageError('Name the account: --account acc_…');
  return accountId;
}

/** Reads permissions that are separated by commas. Those of a tenant where none are given. */
export function parsePermissions(text: string | undefined): readonly Permission[] {
  if (text === undefined) return TENANT_PERMISSIONS;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !isPermission(name));
  if (unknown !== undefined) {
    throw new UsageError(`Unknown permission "${terminalText(unknown)}": use ${PERMISSIONS.join(', ')}.`);
  }
  return [...new Set(names.filter(isPermission))];
}

/** Reads the name of a user or a token. `option` is where it was given. */
export function parseName(option: string, text: string): string {
  const name = readVisibleName(text);
  if (name !== null) return name;
  throw new UsageError(`${option} takes a name of 1 to ${LONGEST_NAME} characters, all of them visible.`);
}
