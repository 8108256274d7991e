// Composes a report over many sessions: policies are read and compared, samples chosen, the whole scanned and written.
import { hash } from 'node:crypto';
import { AlignWork, type StopCheck } from './align-work.ts';
import { boundOriginals } from './bound-originals.ts';
import { type Composed, leakProblem, type Refusal, refuse } from './compose-report.ts';
import { OriginalSearch } from './leak-originals.ts';
import { leakFinderFor, scanReport } from './leak-scan.ts';
import { leakingSessions, nameSessions } from './leaking-sessions.ts';
import { readPolicy } from './policy-reading.ts';
import { serializeReport } from './report.ts';
import type { WideReport } from './report-schema.ts';
import { sampleTranscripts } from './sample-transcripts.ts';
import { alignTranscripts, type Transcripts } from './transcripts.ts';
import type { WalkedSession, WindowFacts } from './window-facts.ts';
import { buildWideReport, type PolicyInForce } from './window-report.ts';
import { WINDOW_SAMPLE_STATEMENT } from './wording.ts';

/** Sessions that a sample is taken from, one text each. */
const SAMPLED_SESSIONS = 20;

/**
 * The verified sessions in the order in which samples are taken: by SHA-256 over the report's root, hex, and the id, so
 * that nobody can choose them. At most `SAMPLED_SESSIONS`.
 */
export function chooseSampled(sessions: readonly WalkedSession[], rootHex: string): WalkedSession[] {
  return sessions
    .map((session) => ({ session, by: hash('sha256', `${rootHex}${session.id}`) }))
    .sort((a, b) => (a.by < b.by ? -1 : 1))
    .slice(0, SAMPLED_SESSIONS)
    .map(({ session }) => session);
}

/** As `composeReport`, of many sessions. `rootHex` is their root, for a caller that has made it. */
export function composeWideReport(
  facts: WindowFacts,
  isStopped: StopCheck = () => false,
  rootHex?: string,
): Composed<WideReport> {
  const read = readPolicies(facts);
  if ('problem' in read) return refuse('policy_missing', read.problem);
  const { policies } = read;
  const rest = buildWideReport(facts, policies, rootHex);
  const byId = new Map(facts.walked.sessions.map((session) => [session.id, session]));
  const work = new AlignWork(isStopped);
  const originals: string[] = [];
  const aligned: [WalkedSession, Transcripts, (typeof facts.sampled)[number]][] = [];
  for (const sampled of facts.sampled) {
    const session = byId.get(sampled.id);
    if (!session || sampled.payloads === 'unreadable') continue;
    const transcripts = alignTranscripts(sampled.payloads?.request, sampled.payloads?.masked, work);
    originals.push(...transcripts.originals);
    aligned.push([session, transcripts, sampled]);
  }
  const { kept, leftOut } = boundOriginals([...new Set(originals)]);
  const finder = leakFinderFor(rest, new OriginalSearch(kept), isStopped);
  const readings = new Map(policies.map(({ sha256Hex, reading }) => [sha256Hex, reading]));
  const samples: WideReport['sample_transcripts']['samples'][number][] = [];
  // Where an original is not looked for, no text may be shown that could hold it.
  for (const [session, transcripts, { payloads }] of leftOut > 0 ? [] : aligned) {
    const policy = readings.get(session.policy.sha256Hex)?.policy;
    if (!policy || payloads === 'unreadable') continue;
    const { samples: found } = sampleTranscripts(policy, session.wasReloaded, payloads, transcripts, finder);
    if (found[0]) samples.push({ session_id: session.id, ...found[0] });
  }
  const report: WideReport = {
    ...rest,
    sample_transcripts: {
      statement: WINDOW_SAMPLE_STATEMENT[statementOf(facts, samples.length)],
      sessions_considered: facts.sampled.length,
      sessions_without: facts.sampled.length - samples.length,
      samples,
    },
  };
  const hits = scanReport(report, finder);
  if (hits.length > 0) {
    const named = leakingSessions({ report, facts, finder, hits });
    return refuse('leak_scan', `${leakProblem('report', hits)}${nameSessions(named)}`);
  }
  const json = serializeReport(report);
  return { ok: true, report, json, sha256Hex: hash('sha256', json), finder };
}

function statementOf({ walked }: WindowFacts, samples: number): keyof typeof WINDOW_SAMPLE_STATEMENT {
  const { sessions, exceptions, gone } = walked;
  if (sessions.length + exceptions.length + gone.length === 0) return 'noSession';
  return samples > 0 ? 'shown' : 'nothing';
}

/** The policies of the sessions, in order of first use; or which of them is not as the sessions record it. */
function readPolicies({
  walked,
  policies,
}: WindowFacts): Readonly<{ policies: PolicyInForce[] }> | Readonly<{ problem: Refusal['problem'] }> {
  const found: PolicyInForce[] = [];
  for (const [sha256Hex, sessions] of Map.groupBy(walked.sessions, ({ policy }) => policy.sha256Hex)) {
    const stored = policies.get(sha256Hex);
    const first = sessions[0] as WalkedSession;
    const about = `${sessions.length} of the window's sessions, ${first.id} first`;
    if (!stored || hash('sha256', stored.text) !== sha256Hex) {
      return {
        problem: `The policy in force during ${about}, is not stored as they record it. Import it with its account, then try again`,
      };
    }
    const reading = readPolicy(stored.text);
    if (!reading.ok) {
      return { problem: `The stored policy of ${about}, cannot be read. ${reading.problems.join('; ')}` };
    }
    const { name, version } = reading.policy;
    const differs = [stored, ...sessions.map(({ policy }) => policy)].some(
      (stated) => stated.name !== name || stated.version !== version,
    );
    if (differs) {
      return {
        problem: `The name or version of the stored policy of ${about}, is not the one in its text`,
      };
    }
    found.push({ sha256Hex, text: stored.text, reading, sessions });
  }
  const startOf = ({ sessions }: PolicyInForce) =>
    sessions.map(({ startedAt }) => startedAt).sort()[0] as string;
  const ordered = found.map((policy) => ({ policy, first: startOf(policy) }));
  ordered.sort((a, b) =>
    a.first < b.first || (a.first === b.first && a.policy.sha256Hex < b.policy.sha256Hex) ? -1 : 1,
  );
  return { policies: ordered.map(({ policy }) => policy) };
}
