import { facts } from '../../markup/facts.ts';
import { type Html, type HtmlValue, html } from '../../markup/html.ts';
import type { Tone } from '../../markup/state.ts';

/** A line of an answer: what it says, and how well that is. */
export type Line = Readonly<{ name: string; tone: Tone; words: HtmlValue }>;

/** What a card comes to, by its worst line. */
export const SUMS = {
  bad: 'Do not rely on it: see what is wrong.',
  doubt: 'Ours as far as it could be checked: see what could not.',
  good: 'Ours, and everything still says so.',
} as const;

type Sums = Readonly<Record<keyof typeof SUMS, string>>;

/** An answer, as well as its worst line. */
export function answerCard(title: string, lines: readonly Line[], sums: Sums = SUMS): Html {
  const tones = ['bad', 'doubt', 'good'] as const;
  const tone = tones.find((each) => lines.some((line) => line.tone === each)) ?? 'doubt';
  return html`<div class="notice ${tone}" data-announce="${title}. ${sums[tone]}">
<h3>${title}</h3>
<p><strong>${sums[tone]}</strong></p>
${facts(lines.map(({ name, words }) => [name, words] as const))}
</div>\n`;
}
