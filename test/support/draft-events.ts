import { newId } from '../../shared/audit/ids.ts';
import type { EventDraft } from '../../shared/log-writer/draft.ts';
import { draftEvent } from './audit-world.ts';

/** Events with ids of the caller's own, which may be appended again. `from`: the number of the first. */
export function draftsWithIds(count: number, from = 0): EventDraft[] {
  return Array.from({ length: count }, (_, i) => ({ ...draftEvent(from + i), event_id: newId('event') }));
}

/** The ids of such events, in their order. */
export function idsOf(drafts: readonly EventDraft[]) {
  return drafts.map(({ event_id }) => event_id);
}
