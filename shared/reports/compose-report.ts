import { hash } from 'node:crypto';
import type { Policy } from '../policy/policy.ts';
import { AlignWork, type StopCheck } from './align-work.ts';
import { boundOriginals } from './bound-originals.ts';
import type { LeakFinder } from './leak-finder.ts';
import { OriginalSearch } from './leak-originals.ts';
import { type LeakHit, scanReport } from './leak-scan.ts';
import { readPolicy } from './policy-reading.ts';
import { buildReport, serializeReport } from './report.ts';
import type { ReportFacts } from './report-facts.ts';
import type { Report } from './report-schema.ts';
import { alignTranscripts } from './transcripts.ts';

/** A report that may be sent, with its JSON, or why there is none. */
export type Composed<R> =
  | Readonly<{
      ok: true;
      report: R;
      /** The body to send. */
      json: string;
      /** Over the UTF-8 bytes of `json`. */
      sha256Hex: string;
      /** Finds what may be PHI in further texts of the callers'. */
      finder: LeakFinder;
    }>
  | (Readonly<{ ok: false }> & Refusal);

/** The report on a session, or why there is none. */
export type ComposedReport = Composed<Report>;

/** Why a report on a verified log may not be sent. */
export type Refusal = Readonly<{
  reason: 'policy_missing' | 'leak_scan' | 'account_log' | 'log_failed';
  /** Safe to show: places and shapes, never values. */
  problem: string;
}>;

/** Hits named in a problem. */
const HITS_NAMED = 5;

/**
 * Builds, scans and serializes the report on these facts. Takes milliseconds: meant to run in a thread. Throws where
 * `isStopped` says that nobody waits for it any more.
 */
export function composeReport(facts: ReportFacts, isStopped: StopCheck = () => false): ComposedReport {
  const { text } = facts.policy;
  const reading = readPolicy(text);
  if (!reading.ok)
    return refuse('policy_missing', `The stored policy cannot be read. ${reading.problems.join('; ')}`);
  const { policy, coverage } = reading;
  const disagreement = findDisagreement(facts, policy);
  if (disagreement !== null) return refuse('policy_missing', disagreement);

  const { payloads } = facts;
  const aligned = alignTranscripts(payloads?.request, payloads?.masked, new AlignWork(isStopped));
  const { kept, leftOut } = boundOriginals(aligned.originals);
  const transcripts = { ...aligned, overBound: aligned.overBound + leftOut };
  const originals = new OriginalSearch(kept);
  const { report, finder } = buildReport(facts, { policy, coverage, transcripts, originals }, isStopped);
  const hits = scanReport(report, finder);
  if (hits.length > 0) return refuse('leak_scan', leakProblem('report', hits));

  const json = serializeReport(report);
  return { ok: true, report, json, sha256Hex: hash('sha256', json), finder };
}

function findDisagreement({ policy: stored, session }: ReportFacts, policy: Policy): string | null {
  if (hash('sha256', stored.text) !== stored.sha256Hex || stored.sha256Hex !== session.policySha256Hex) {
    return 'The stored policy is not the one whose SHA-256 the session records';
  }
  const rows = [
    [stored.name, stored.version],
    [session.policyName, session.policyVersion],
  ];
  if (rows.some(([name, version]) => name !== policy.name || version !== policy.version)) {
    return 'The name or version of the stored policy is not the one in its text';
  }
  return null;
}

/** Says which places hold which shapes, without a value. `carrier` is the document that would have left. */
export function leakProblem(carrier: 'report' | 'PDF', hits: readonly LeakHit[]): string {
  const named = [...new Set(hits.map(({ field, shape }) => `${field} (${shape})`))];
  const more = named.length > HITS_NAMED ? ` and ${named.length - HITS_NAMED} more` : '';
  return `The ${carrier} would carry what may be PHI: ${named.slice(0, HITS_NAMED).join(', ')}${more}`;
}

/** No report, and why. */
export function refuse(reason: Refusal['reason'], problem: string): Readonly<{ ok: false }> & Refusal {
  return { ok: false, reason, problem };
}
