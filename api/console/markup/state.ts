import { type Html, html } from './html.ts';

/** How a state is coloured: its word says what it is. */
export type Tone = 'good' | 'bad' | 'doubt' | 'calm';

/** A state of a log, a session or a job. */
export function state(word: string, tone: Tone): Html {
  return html`<span class="state ${tone}">${word}</span>`;
}

/** The verdict on a log, by its name: `verified`, `unverifiable` or a fault. */
export function verdictState(name: string): Html {
  if (name === 'verified') return state('verified', 'good');
  if (name === 'unverifiable') return state('unverifiable', 'doubt');
  return state(`failed: ${name.replaceAll('_', ' ')}`, 'bad');
}

/** Whether a log is open, sealed or unsealed. */
export function logState(name: string): Html {
  const tones: Readonly<Record<string, Tone>> = { sealed: 'calm', open: 'calm', unsealed: 'doubt' };
  return state(name, tones[name] ?? 'calm');
}

/** The outcome of a session. */
export function sessionStatus(status: string): Html {
  return state(status, status === 'ok' ? 'calm' : 'doubt');
}
