import { z } from 'zod';
import { PERMISSIONS, type Permission } from '../../../../shared/accounts/permissions.ts';
import { LONGEST_NAME } from '../../../../shared/accounts/visible-name.ts';
import { input, select } from '../../markup/form.ts';
import { type Html, html, nothing } from '../../markup/html.ts';

/** Days after which a token may expire: a year at most, as by `npm run tokens`. */
const LIFETIMES = ['1', '7', '30', '90', '366'] as const;

const scope = z.enum(PERMISSIONS, 'scopes must be permissions.');

export const tokenFields = z.object({
  name: z.string('name must be given once.').optional(),
  /** A browser sends a field for each box that is ticked. */
  scopes: z.union([scope, z.array(scope)], 'scopes must be permissions.').optional(),
  days: z.enum(LIFETIMES, `days must be one of ${LIFETIMES.join(', ')}.`).default('90'),
});

/** What the form shows: what was filled in, and what is wrong with it. */
export type TokenFormState = Readonly<{
  name: string;
  scopes: readonly Permission[];
  days: (typeof LIFETIMES)[number];
  problem: string | null;
}>;

export const EMPTY_FORM: TokenFormState = { name: '', scopes: [], days: '90', problem: null };

/** Offers the permissions that the reader holds: a token never has more. */
export function tokenForm(
  permissions: readonly Permission[],
  { name, scopes, days, problem }: TokenFormState,
): Html {
  return html`<form method="post" action="/tokens" class="stacked">
${problem === null ? nothing : html`<p class="notice bad" role="alert">${problem}</p>`}
${input('name', `Name, up to ${LONGEST_NAME} characters, such as the program it is for`, { value: name, required: true })}
<fieldset><legend>What it may do</legend>
${permissions.map((permission) => {
  const checked = scopes.includes(permission) ? html` checked` : nothing;
  return html`<label><input type="checkbox" name="scopes" value="${permission}"${checked}> ${MEANINGS[permission]} <span class="whole">(<code>${permission}</code>)</span></label>`;
})}
</fieldset>
${select(
  'days',
  'It expires after',
  LIFETIMES.map((value) => ({ value, label: value === '1' ? '1 day' : `${value} days` })),
  days,
)}
<button type="submit">Make token</button>
</form>`;
}

const MEANINGS = {
  'agents:read': 'Read agents and their statistics',
  'sessions:read': 'Read sessions, their logs and statistics',
  'reports:read': 'Make and read compliance reports',
  'log:read': 'Read the account log, proofs and evidence',
  'payloads:read': 'Read what was said in calls, where their policy keeps it',
  'access:read': 'Read the record of who looked at what',
  'policies:write': 'Store policies',
  'agents:write': 'Make and rename agents',
  'sessions:write': 'Open sessions, append their events and end them',
  'webhooks:write': 'Decide where events are sent',
  'tokens:write': 'Make and revoke tokens, and end logins',
  admin: 'Look at health, accounts, key ids and queues of the whole service',
  'admin:write': 'Change the queues of all accounts',
} as const satisfies Record<Permission, string>;
