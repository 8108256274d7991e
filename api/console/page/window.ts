// The window of time that a page looks back on, and the reader's choice of it.
import { z } from 'zod';
import type { Bucket } from '../../../shared/time/local-buckets.ts';
import { type RedactionStatsQuery, redactionStatsQuery } from '../../routes/stats/schema.ts';
import { type Html, html, nothing } from '../markup/html.ts';
import { inPlace, partAttributes } from '../markup/part.ts';

export const WINDOWS = ['24h', '7d', '30d'] as const;
/** As the filters of the API take it. */
export type Window = (typeof WINDOWS)[number];

const WORDS: Readonly<Record<Window, string>> = {
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
};

const WINDOW = `window must be given once, one of ${WINDOWS.join(', ')}.`;

/** The query of a page with a window. */
export const windowQuery = z.object({ window: z.enum(WINDOWS, WINDOW).default('7d') });

/** Such as `last 7 days`. */
export function windowWords(window: Window): string {
  return WORDS[window];
}

/** Into what a chart cuts it. */
export function windowBucket(window: Window): Bucket {
  return window === '24h' ? 'hour' : 'day';
}

/** The query of `/stats/redactions` for a chart by kind: of the account, or of one agent. */
export function bucketQuery(window: Window, timeZone: string, agentId?: string): RedactionStatsQuery {
  return redactionStatsQuery.parse({
    since: window,
    bucket: windowBucket(window),
    tz: timeZone,
    agent_id: agentId,
    group_by: 'kind',
  });
}

const PART = 'window';

/** All of a page that depends on the window, with the links to the other ones in it. */
export function windowPart(window: Window, content: Html): Html {
  const words = {
    announce: `Showing the ${windowWords(window)}`,
    failed: 'The other window could not be loaded',
    older: `What is shown below is the ${windowWords(window)}, as it was before.`,
  };
  return html`<div ${partAttributes(PART, words)}>
${content}
</div>`;
}

/** Links to a page of each window, for its part. */
export function windowChoice(path: string, chosen: Window): Html {
  return html`<nav class="choice" aria-label="Window of time">
${WINDOWS.map((window) => {
  const href = `${path}?window=${window}`;
  const current = window === chosen ? html` aria-current="true"` : nothing;
  // The id keeps the focus on the link when htmx has replaced it.
  return html`<a id="window-${window}" href="${href}" ${inPlace(href, PART)}${current}>${capitalize(WORDS[window])}</a>\n`;
})}</nav>`;
}

function capitalize(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
