// The filters that a cursor carries on: a later page may leave them out, and may not change them.
import { AppError } from '../../shared/errors/app-error.ts';
import type { Since } from '../../shared/time/time-window.ts';

/** Throws `validation_failed` naming the first filter that is given and is not the cursor's. */
export function refuseOtherFilters(differs: Readonly<Record<string, unknown>>): void {
  for (const [name, different] of Object.entries(differs)) {
    if (!different) continue;
    const message = `cursor belongs to a list with another ${name}: leave ${name} out, or start again without the cursor.`;
    throw new AppError('validation_failed', message, { param: 'cursor' });
  }
}

/** Whether a start of the window is given, and is not the cursor's: neither its text nor the time that came of it. */
export function isOtherSince(
  since: Since | undefined,
  state: Readonly<{ since: number; since_text: string }>,
): boolean {
  if (!since || since.text === state.since_text) return false;
  return !('at' in since && since.at.getTime() === state.since);
}
