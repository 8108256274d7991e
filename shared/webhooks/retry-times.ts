// When a message is sent again, after standardwebhooks.com's recommendation.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time/durations.ts';

/** Milliseconds from an attempt to the next one. The last pause is used again and again. */
const PAUSES_MS = [5_000, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS];

/** Milliseconds after its creation at which a message that nobody took is given up. */
export const GIVEN_UP_AFTER_MS = DAY_MS;

/** Pauses are made longer by up to this part, so that messages that failed together do not come back together. */
const JITTER = 0.2;

/**
 * When the attempt after the `failed`th failure (from 1 on) is made; null for never again. The last attempt is made 24
 * hours after the message was created. `random` is from 0 up to 1.
 */
export function nextAttemptAt(
  createdAt: Date,
  failedAt: Date,
  failed: number,
  random: number = Math.random(),
): Date | null {
  const lastMs = createdAt.getTime() + GIVEN_UP_AFTER_MS;
  if (failedAt.getTime() >= lastMs) return null;
  const pauseMs = PAUSES_MS[Math.min(failed, PAUSES_MS.length) - 1] as number;
  return new Date(Math.min(lastMs, failedAt.getTime() + pauseMs * (1 + JITTER * random)));
}
