// What an auditor is handed: the key that verifies the account's log, and the programs that check evidence with it.
import { logKeys, logOrigin } from '../../../../shared/transparency/log-origin.ts';
import { formatVerifierKey, type VerifierKey } from '../../../../shared/transparency/verifier-key.ts';
import type { ApiContext } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { assetDigest, assetPath } from '../../assets/assets.ts';
import { VERIFIER_NAMES, type VerifierName } from '../../assets/verifiers.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { table } from '../../markup/table.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { logSection } from './log-section.ts';
import { type LogDeps, readLog } from './read-log.ts';

export const AUDITORS_PAGE = definePage({
  path: '/auditors',
  summary: 'Shows the verifier key of the account log, and the programs that check evidence with it.',
  permission: 'log:read',
  navigation: { label: 'For auditors', group: 'evidence' },
  params: none,
  query: none,
  errors: [],
  show: showAuditors,
});

async function showAuditors(deps: LogDeps, ctx: ApiContext): Promise<PageContent> {
  const { accountId } = ctx.state.actor;
  const { accountLog, witnesses } = deps;
  const read = { timeZone: timeZoneOf(ctx), now: new Date() };
  const log = await readLog(deps, accountId);
  // The key of a process that did not sign the log verifies nothing of it.
  const isOwn = !log?.isForeign;
  return {
    title: 'For auditors',
    main: html`<p>An auditor checks reports, packs and proofs of this account alone, offline, with one of three programs and one line: the
verifier key. Nobody has to trust this service, or you.</p>
${accountLog && isOwn ? keySection(logKeys(accountLog.identity, accountId), witnesses) : nothing}
${verifierSection()}
${logSection(log, read)}
${accountLog ? logLinks(logOrigin(accountLog.identity, accountId)) : nothing}`,
  };
}

function keySection([present, ...earlier]: readonly VerifierKey[], witnesses: readonly VerifierKey[]): Html {
  if (!present) return nothing;
  return html`<section aria-labelledby="verifier-key">
<h2 id="verifier-key">Verifier key</h2>
<pre class="copy" tabindex="0" aria-label="Verifier key"><code>${formatVerifierKey(present)}</code></pre>
<p><strong>Hand it over by another way than the reports</strong>: in the contract, in a letter, on your website, or read out by telephone.
A key that comes with a report proves nothing, since a forger would send his own with it. It is public: nobody can sign
with it. An auditor who has it already compares it with this one, to the last character.</p>
${earlier.length === 0 ? nothing : earlierKeys(earlier)}
${witnesses.length === 0 ? nothing : witnessKeys(witnesses)}
</section>`;
}

function earlierKeys(keys: readonly VerifierKey[]): Html {
  return html`<h3>Keys before it</h3>
<p>What was signed before the key was changed is checked with the key of that time. Hand them over in the same way; a program
takes several.</p>
${keyList(keys)}`;
}

function witnessKeys(keys: readonly VerifierKey[]): Html {
  return html`<h3>Keys of the witnesses</h3>
<p>Witnesses saw the log and signed that they did. An auditor takes these keys from the witnesses themselves; here they stand
to be compared.</p>
${keyList(keys)}`;
}

function keyList(keys: readonly VerifierKey[]): Html {
  return html`<ul>${keys.map((key) => html`<li><code>${formatVerifierKey(key)}</code></li>\n`)}</ul>`;
}

const NEEDS: Readonly<Record<VerifierName, Html>> = {
  'verify.html': html`a browser: open the file, paste the key, drop the evidence on it`,
  'verify.py': html`Python 3.9 or later: <code>python3 verify.py FILE --key "KEY"</code>`,
  'verify.mjs': html`Node 20 or later: <code>node verify.mjs FILE --key "KEY"</code>`,
};

function verifierSection(): Html {
  return html`<section aria-labelledby="programs">
<h2 id="programs">Programs that check</h2>
<p>They share no code and give the same answers. None of them asks anything of a network.</p>
${table(
  VERIFIER_NAMES,
  [
    {
      heading: 'Program',
      cell: (name) => html`<a href="${assetPath(name)}" download="${name}">${name}</a>`,
    },
    { heading: 'What it needs', holds: 'text', cell: (name) => NEEDS[name] },
    { heading: 'SHA-256', cell: (name) => html`<code>${assetDigest(name)}</code>` },
  ],
  { caption: 'The programs, to be downloaded and handed on', empty: '' },
)}
</section>`;
}

function logLinks(origin: string): Html {
  return html`<section aria-labelledby="log-for-programs">
<h2 id="log-for-programs">The log for other people’s programs</h2>
<p>The log <code>${origin}</code> has the formats of c2sp.org, under <code>/api/v1/log</code>; a bearer token reads it.</p>
<ul>
<li><a href="/api/v1/log/checkpoint">Newest checkpoint</a>, with the signatures of the log and of its witnesses</li>
<li><a href="/api/v1/log/key">Verifier key</a>, as text</li>
</ul>
</section>`;
}
