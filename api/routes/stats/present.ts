import { presentTime } from '../../../shared/time/present-time.ts';
import type { RedactionCountResponse } from './schema.ts';

export type RedactionCount = Readonly<{ start: Date; end: Date; key: string | null; count: number }>;

export function presentCount({ start, end, key, count }: RedactionCount): RedactionCountResponse {
  return { start: presentTime(start), end: presentTime(end), key, count };
}
