import { hash } from 'node:crypto';
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { assessCoverage } from '../../shared/policy/assess-coverage.ts';
import { parsePolicy } from '../../shared/policy/parse-policy.ts';
import { SAFE_HARBOR } from '../../shared/policy/safe-harbor-catalogue.ts';
import type { StatedReport } from '../../shared/reports/earlier-revisions.ts';
import { REPORT_REVISION } from '../../shared/reports/report-schema.ts';
import { presentCoverage, safeHarborDetail } from '../../shared/reports/safe-harbor-section.ts';
import { retentionStatement } from '../../shared/reports/wording.ts';
import { type Finding, failed, unverifiable, verified } from './axis.ts';

/**
 * Compares the report's statements about its policy with the policy text in the report. Compares sentences only in
 * reports of the current revision: earlier revisions may use other words.
 */
export function checkPolicy(report: StatedReport): Finding {
  const isCurrent = report.revision === REPORT_REVISION;
  if (hash('sha256', report.policy_snapshot) !== report.policy.sha256) {
    return failed('the policy text does not have the stated SHA-256');
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
    (isCurrent && retention.statement !== retentionStatement(retentionDays))
  ) {
    return failed('its statements on logging or retention differ from the policy text');
  }
  const stated = report.safe_harbor_detail;
  if (stated.catalogue_version !== SAFE_HARBOR.version) {
    return unverifiable(
      `coverage was computed by catalogue ${stated.catalogue_version}, and this program has ${SAFE_HARBOR.version}`,
    );
  }
  const coverage = assessCoverage(policy);
  const comparable = isCurrent ? (whole: SafeHarborDetail) => whole : commonPart;
  const detail = safeHarborDetail(coverage, report.policy.basis, [...report.redactions_by_kind]);
  const same =
    canonicalize(presentCoverage(coverage)) === canonicalize(report.safe_harbor_coverage) &&
    canonicalize(comparable(detail)) === canonicalize(comparable(stated)) &&
    canonicalize(coverage.passthroughKinds) === canonicalize(report.policy.passthrough_kinds);
  return same
    ? verified('coverage follows from the policy text')
    : failed('coverage does not follow from the policy text');
}

type SafeHarborDetail = StatedReport['safe_harbor_detail'];

/** What every revision states in the same words. Revisions before 3 do not list unread keys. */
function commonPart(stated: SafeHarborDetail): object {
  const { caveat: _, unread_policy_keys: __, identifiers, ...detail } = stated;
  return { ...detail, identifiers: identifiers.map(({ reason: _reason, ...identifier }) => identifier) };
}
