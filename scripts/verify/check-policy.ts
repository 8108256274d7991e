import { hash } from 'node:crypto';
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { assessCoverage } from '../../shared/policy/assess-coverage.ts';
import { parsePolicy } from '../../shared/policy/parse-policy.ts';
import { SAFE_HARBOR } from '../../shared/policy/safe-harbor-catalogue.ts';
import type { Report } from '../../shared/reports/report-schema.ts';
import { presentCoverage, safeHarborDetail } from '../../shared/reports/safe-harbor-section.ts';
import { retentionStatement } from '../../shared/reports/wording.ts';
import { type Finding, failed, unverifiable, verified } from './axis.ts';

/** What the report says of its policy, against the policy's text within it. */
export function checkPolicy(report: Report): Finding {
  if (hash('sha256', report.policy_snapshot) !== report.policy.sha256) {
    return failed('the policy text does not have the SHA-256 stated');
  }
  const parsed = parsePolicy(report.policy_snapshot);
  if (!parsed.ok) return failed('the policy text cannot be read');
  const { policy } = parsed;
  if (policy.name !== report.policy.name || policy.version !== report.policy.version) {
    return failed('name or version differs from the policy text');
  }
  const { logEvents, logPayloads, retentionDays } = policy.audit;
  const { retention } = report;
  if (
    report.policy.logs_events !== logEvents ||
    report.policy.logs_payloads !== logPayloads ||
    retention.policy_retention_days !== retentionDays ||
    retention.statement !== retentionStatement(retentionDays)
  ) {
    return failed('what it says of logging or retention differs from the policy text');
  }
  const stated = report.safe_harbor_detail;
  if (stated.catalogue_version !== SAFE_HARBOR.version) {
    return unverifiable(`coverage was computed by catalogue ${stated.catalogue_version}`);
  }
  const coverage = assessCoverage(policy);
  const detail = safeHarborDetail(coverage, report.policy.basis, [...report.redactions_by_kind]);
  const same =
    canonicalize(presentCoverage(coverage)) === canonicalize(report.safe_harbor_coverage) &&
    canonicalize(detail) === canonicalize(stated) &&
    canonicalize(coverage.passthroughKinds) === canonicalize(report.policy.passthrough_kinds);
  return same ? verified('coverage follows from its text') : failed('coverage does not follow from its text');
}
