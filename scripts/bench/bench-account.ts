// An account whose sessions can be reported on, and a login to it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { LOGIN_COOKIE } from '../../shared/accounts/login-repository.ts';
import { PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import { createPolicyRepository, type PolicyVersion } from '../../shared/policy/policy-repository.ts';
import { issueLogin } from '../issue-login.ts';

export type BenchAccount = Readonly<{
  accountId: string;
  agentId: string;
  policy: PolicyVersion;
  cookie: string;
  /** The cookie's value. */
  token: string;
}>;

const POLICY = join(import.meta.dirname, '../demo/policies/healthcare-default@1.yaml');

export async function createBenchAccount(db: Db): Promise<BenchAccount> {
  const accountId = newId('account');
  const agentId = newId('agent');
  const text = await readFile(POLICY, 'utf8');
  const sha256Hex = createHash('sha256').update(text).digest('hex');
  const policy = { name: 'healthcare-default', version: 1, text, sha256Hex };
  await createAccountRepository(db).upsert(accountId, 'Benchmark clinic');
  await createAgentRepository(db).upsert(accountId, { id: agentId, name: 'bench', policyName: policy.name });
  await createPolicyRepository(db).insert(accountId, policy);
  const { cookie } = await issueLogin({ db, accountId, permissions: [...PERMISSIONS], auditKeys: [] });
  return { accountId, agentId, policy, cookie, token: cookie.slice(LOGIN_COOKIE.length + 1) };
}
