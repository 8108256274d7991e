// Stores a version of a policy. A version has one text for good: sessions name it, and seals cover its bytes.
import { createHash } from 'node:crypto';
import { AppError } from '../../../shared/errors/app-error.ts';
import { composeName, isComposed, NOT_COMPOSED } from '../../../shared/policy/composed-name.ts';
import { parsePolicy } from '../../../shared/policy/parse-policy.ts';
import type { Policy, UnreadKey } from '../../../shared/policy/policy.ts';
import { describeShapes } from '../../../shared/reports/leak-shapes.ts';
import { describePlace, openYamlPlaces } from '../../../shared/yaml/find-place.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { recordAct } from '../../http/record-access.ts';
import type { none, RouteInput } from '../../http/route-spec.ts';
import type { policyBody, policyParams } from './schema.ts';

export async function putPolicy(
  deps: Pick<ApiDeps, 'policies' | 'recordAccess'>,
  ctx: ApiContext,
  { params, body: text }: RouteInput<typeof policyParams, typeof none, typeof policyBody>,
): Promise<void> {
  const policy = readPolicy(params, text);
  const { name, version } = policy;
  const sha256Hex = createHash('sha256').update(text).digest('hex');
  const { accountId } = ctx.state.actor;
  const stored = { name, version, text, sha256Hex };
  if ((await deps.policies.outcomeOf(accountId, stored)) === 'stored') {
    // After the question: earlier releases stored others, whose callers may send them again.
    if (!isComposed(name)) throw refuseDecomposed(text);
    await recordAct(deps, ctx, 'policy.store', sha256Hex);
  }
  const outcome = await deps.policies.insert(accountId, stored);
  if (outcome === 'conflict') {
    throw new AppError(
      'policy_conflict',
      'This version of the policy is stored with another text: send the change as the next version.',
    );
  }
  ctx.status = outcome === 'stored' ? 201 : 200;
  ctx.body = {
    name,
    version,
    sha256: sha256Hex,
    log_payloads: policy.audit.logPayloads,
    warnings: listWarnings(text, policy),
  };
}

function readPolicy(
  { name, version }: RouteInput<typeof policyParams, typeof none>['params'],
  text: string,
): Policy {
  if (version === null)
    throw refuse('version', 'The path must end with a version, a whole number from 1 on.');
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw refuse('body', `The policy cannot be used: ${parsed.problems.join('; ')}.`);
  const { policy } = parsed;
  if (policy.name !== name) {
    throw composeName(policy.name) === composeName(name ?? '')
      ? refuseDecomposed(text)
      : refuseOther('name', text);
  }
  if (policy.version !== version) throw refuseOther('version', text);
  return policy;
}

/** Of a name that another spelling of the same letters would pass for. */
function refuseDecomposed(text: string): AppError {
  const place = describePlace(['name'], openYamlPlaces(text)(['name']));
  return refuse('name', `The policy cannot be used: ${place}: ${NOT_COMPOSED}, in the path as well.`);
}

/** Of a text under an address that is another's. */
function refuseOther(field: 'name' | 'version', text: string): AppError {
  const place = describePlace([field], openYamlPlaces(text)([field]));
  return refuse(field, `The policy cannot be used: ${place}: must be the ${field} in the path.`);
}

function refuse(param: string, message: string): AppError {
  return new AppError('validation_failed', message, { param });
}

function listWarnings(text: string, { unreadKeys }: Policy): string[] {
  const contacts = describeShapes(text);
  return [
    ...unreadKeys.map(describeUnread),
    ...(contacts === null
      ? []
      : [`The text holds what reads as ${contacts}, and reports state it: leave it out if it is private.`]),
  ];
}

function describeUnread({ place, nearest }: UnreadKey): string {
  const hint = nearest === null ? '' : `; the nearest known is ${nearest}`;
  return `${place} is not known and has no effect${hint}.`;
}
