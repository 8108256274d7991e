import { type Html, html } from './html.ts';

/**
 * A form that does what cannot be undone, in two steps: its button shows once it was asked for. `of` names what it is about
 * to readers who hear one control at a time.
 */
export function confirmForm(path: string, action: string, of: string): Html {
  return html`<details class="confirm">
<summary>${action}<span class="unseen"> ${of}</span></summary>
<form method="post" action="${path}"><button type="submit">Yes, ${action.toLowerCase()}<span class="unseen"> ${of}</span></button></form>
</details>`;
}
