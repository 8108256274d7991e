// The window of a list, by the start of what it holds.
import { AppError } from '../../shared/errors/app-error.ts';
import { resolveSince, type Since } from '../../shared/time/time-window.ts';

/** Throws `validation_failed` for a window that ends before it begins: it would be empty without a word. */
export function resolveWindow(
  { since, until }: Readonly<{ since: Since; until: Date | undefined }>,
  now: Date,
): Readonly<{ since: Date; until: Date }> {
  const from = resolveSince(since, now);
  const to = until ?? now;
  if (from > to) {
    const end = until === undefined ? 'now, where until is left out' : 'until';
    throw new AppError('validation_failed', `since must not be after ${end}: give an earlier since.`, {
      param: 'since',
    });
  }
  return { since: from, until: to };
}
