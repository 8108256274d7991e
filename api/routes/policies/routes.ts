import { POLICY_SIZE_LIMIT } from '../../../shared/policy/load-policy-yaml.ts';
import { defineRoute, none } from '../../http/route-spec.ts';
import { putPolicy } from './put-policy.ts';
import { policyBody, policyParams, policyResponse } from './schema.ts';

export const POLICY_ROUTES = [
  defineRoute({
    method: 'put',
    path: '/api/v1/policies/{name}/{version}',
    summary: 'Stores a version of a masking policy, once and for good.',
    permission: 'policies:write',
    params: policyParams,
    query: none,
    body: { mediaType: 'application/yaml', limit: POLICY_SIZE_LIMIT, schema: policyBody },
    kind: 'json',
    response: policyResponse,
    statuses: [201, 200],
    errors: ['policy_conflict'],
    handler: putPolicy,
  }),
];
