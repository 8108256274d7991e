// Evidence of the account log for cases that change it.
import { canonicalize, parseJson } from '../../../shared/audit/canonical-json.ts';
import { checkpointOf, type Evidence, evidenceOf, LOG } from './account-log.ts';
import { type Changes, editValue, json } from './json-edit.ts';
import { flip } from './keys.ts';
import { makeReport, type ReportParts } from './session-reports.ts';
import { type CorpusSession, closedText, SESSIONS } from './sessions.ts';
import { base64, inclusionOf } from './trees.ts';

const { sealed } = SESSIONS;
export const good = evidenceOf(sealed);

/** A report with this as its evidence, whatever it is, signed. */
export function withEvidence(evidence: unknown, session: CorpusSession = sealed): ReportParts {
  const parts = makeReport({ session, report: { evidence: json(JSON.parse(JSON.stringify(evidence))) } });
  return { ...parts, evidence: evidence as Evidence };
}

export const bothOf = ({ json: bytes, note }: ReportParts): Buffer[] => [bytes, Buffer.from(note as string)];
export const flipped = (text: string, bit = 0) => base64(flip(Buffer.from(text, 'base64'), bit));

/** Evidence of an entry that is not what the report says, logged and signed. */
export function logged(text: string): Evidence {
  const log = [...LOG.slice(0, 4), text, ...LOG.slice(4)];
  return {
    ...good,
    checkpoint: checkpointOf(log),
    inclusion: inclusionOf(log, 4).map(base64),
    log_index: 4,
    log_size: log.length,
    session_closed: text,
  };
}

export const changedText = (changes: Changes): string =>
  canonicalize(editValue(parseJson(closedText(sealed)), changes));
