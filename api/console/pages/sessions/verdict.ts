// The verdict on a log in words that help: what was checked, or what is wrong and what to do next.
import {
  type FailedLog,
  type LogFault,
  type LogVerdict,
  type VerifiedLog,
  verdictName,
} from '../../../../shared/audit/verdict.ts';
import type { SessionView } from '../../../../workers/reports/pool.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { inPlace, partAttributes } from '../../markup/part.ts';
import { verdictState } from '../../markup/state.ts';
import { time } from '../../markup/time.ts';

type Read = Readonly<{ timeZone: string; at: Date }>;

export function verdictSection({ found, verdict }: SessionView, read: Read): Html {
  const { id } = found.session;
  const name = verdictName(verdict);
  const words = {
    announce: `Log walked: ${name.replaceAll('_', ' ')}`,
    failed: 'The log could not be walked just now',
    older: 'The verdict below is an older one.',
  };
  return html`<section ${partAttributes('verdict', words)} aria-labelledby="verdict-heading">
<h2 id="verdict-heading">Audit log ${verdictState(name)}</h2>
${describe(verdict, read)}
<form method="post" action="/sessions/${id}/verify" class="buttons" ${inPlace(`/sessions/${id}/verify`, 'verdict', 'post')}>
<button id="verify-now" type="submit">Verify now</button>
<small>Walked ${time(read.at, read.timeZone)}, for this page.</small>
</form>
</section>`;
}

function describe(verdict: LogVerdict, read: Read): Html {
  if (verdict.status === 'verified') return describeVerified(verdict);
  if (verdict.status === 'failed') return describeFailed(verdict, read);
  if (verdict.reason === 'damaged_row') {
    return html`<div class="notice doubt"><p><strong>unverifiable: the row is damaged.</strong> <code>${verdict.field}</code> is
not as a writer stored it, so nothing that the row states can be relied on. Lists may pass over the session, and no report
is made.</p>
<p>Next step: compare the session's row with a backup. <code>npm run verify -- --all</code> names every such row.</p></div>`;
  }
  return html`<div class="notice doubt"><p><strong>Nothing could be checked.</strong> The log was signed with the audit key
<code>${verdict.keyId}</code>, which this deployment does not have, or has with other bytes. That says nothing about the
log.</p>
<p>Next step: have an operator add the key to AUDIT_KEYS and restart the service.</p></div>`;
}

function describeVerified({ size, state, anchors, rootHex, keyId }: VerifiedLog): Html {
  const stored = anchors.filter(({ source }) => source === 'stored').length;
  const reported = anchors.filter(({ source }) => source === 'reported').length;
  return html`${state === 'unsealed' ? UNSEALED : nothing}
${facts([
  [
    'Entries',
    `${formatCount(size)}, each checked: its form, its place, its link to the one before, its HMAC`,
  ],
  ['Audit key', html`<code>${keyId}</code>, within its scope`],
  ['Seal', SEAL[state]],
  ['Stored root', stored > 0 ? 'reproduced' : 'none is stored yet'],
  ['Roots of earlier reports', reported > 0 ? `${formatCount(reported)} reproduced` : 'none'],
  ['Merkle root', html`<code>${rootHex}</code>`],
])}`;
}

const SEAL = {
  sealed: 'checked: no entry is missing at the end',
  open: 'none yet: the session has not ended',
  unsealed: 'none',
} as const;

const UNSEALED = html`<p class="notice doubt"><strong>Unsealed.</strong> The session ended and its log has no seal: entries at
its end may be missing, and nobody can tell.</p>`;

function describeFailed({ fault, seq, expected, calculated, event }: FailedLog, { timeZone }: Read): Html {
  return html`<div class="notice bad"><p><strong>${FAULTS[fault]}</strong> No report is made of this log, and none should be
relied on that was.</p>
<p>Next step: keep the database as it is, tell whoever is responsible for security, and have an operator run
<code>npm run verify</code> on a copy. Nothing here repairs a log.</p></div>
${facts([
  ['First shown at', html`entry ${formatCount(seq)} (seq)`],
  ...(event ? [['That entry', html`<code>${event.id}</code>, ${time(event.ts, timeZone)}`] as const] : []),
  ...(expected === null ? [] : [['Expected', html`<code>${expected}</code>`] as const]),
  ...(calculated === null ? [] : [['Found', html`<code>${calculated}</code>`] as const]),
])}`;
}

/** What a fault means, for a reader who does not know the format. */
const FAULTS: Readonly<Record<LogFault, string>> = {
  key_out_of_scope: 'The log is signed with a key that may not sign for this account or this time.',
  malformed: 'An entry is not as the format has it.',
  foreign: 'An entry belongs to another session.',
  duplicate: 'An entry stands in the log twice.',
  fork: 'Two different entries claim the same place.',
  reordered: 'Entries stand in another order than they were written.',
  gap: 'An entry is missing.',
  altered: 'An entry was changed after it was written.',
  truncated: 'Entries at the end are missing.',
  overlong: 'The log holds entries after its end.',
  seal_missing: 'The log was sealed, and its seal is gone.',
  seal_mismatch: 'The seal does not fit the log.',
  root_mismatch: 'The log gives another Merkle root than the one that was fixed earlier.',
};
