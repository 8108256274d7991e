// The check of files in the reader's browser. Its fields have the ids that the script of verify.html looks for, and no
// names, so that no form could send them.
import { formatVerifierKey, type VerifierKey } from '../../../../shared/transparency/verifier-key.ts';
import { assetPath } from '../../assets/assets.ts';
import { type Html, html } from '../../markup/html.ts';

/** `keys`: those of the account's log, the present one first. */
export function fileCheck(keys: readonly VerifierKey[], witnesses: readonly VerifierKey[]): Html {
  return html`<section aria-labelledby="check-a-file">
<h2 id="check-a-file">Check a file</h2>
<p>A report (PDF), a report (JSON) with its statement, an evidence pack (zip), a proof (JSON), or two reports of one session. Your
browser checks it: the file does not leave this computer.</p>
<p id="evidence-missing" class="notice doubt">This check needs JavaScript. Without it, use one of the
<a href="/auditors">programs that check</a>.</p>
<div id="evidence-page" data-script="${assetPath('verify.js')}" hidden>
<form id="form" class="order">
<label for="key">Verifier key</label>
<textarea id="key" rows="4" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="key-hint">${lines(keys)}</textarea>
<p id="key-hint"><small>Filled in with the key of this deployment, which is yours. <strong>An auditor must have the key by another
way</strong>, such as the contract or a letter: a page of whoever issued the report proves nothing to him.</small></p>
<div id="drop" class="drop">
<label for="files">File, or two files</label>
<input id="files" type="file" multiple aria-describedby="files-hint">
<small id="files-hint">Choose them, or drop them here.</small>
<p id="dropped" role="status"></p>
</div>
<details><summary>More checks</summary>
<label for="witnesses">Keys of witnesses, a line each</label>
<textarea id="witnesses" rows="2" spellcheck="false" autocapitalize="off" autocomplete="off">${lines(witnesses)}</textarea>
<label for="audit-keys">File of audit keys</label>
<input id="audit-keys" type="file" aria-describedby="audit-keys-hint">
<small id="audit-keys-hint">Secret, and the operator’s alone. It does not leave this computer either.</small>
</details>
<div class="buttons">
<button type="submit" id="check">Check</button>
<button type="button" id="try" class="quiet">Try it: change one bit</button>
</div>
</form>
<div id="result" role="status" aria-live="polite"></div>
</div>
</section>`;
}

function lines(keys: readonly VerifierKey[]): string {
  return keys.map(formatVerifierKey).join('\n');
}
