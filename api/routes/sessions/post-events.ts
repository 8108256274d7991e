// Appends events to an open session's log. Sent again, each goes in once.
import { AppError } from '../../../shared/errors/app-error.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { checkDraft } from '../../../shared/log-writer/check-draft.ts';
import type { EventDraft } from '../../../shared/log-writer/draft.ts';
import { noSession } from '../../../workers/reports/pool.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import type { none, RouteInput } from '../../http/route-spec.ts';
import { refuseUnwritable } from './refuse-unwritable.ts';
import type { sessionParams } from './schema.ts';
import type { eventsBody, SentEvent } from './writing-schema.ts';

type Deps = Pick<ApiDeps, 'writer' | 'writeTurns' | 'recordOutcome' | 'refuseReopened'>;

export async function postEvents(
  { writer, writeTurns, recordOutcome, refuseReopened }: Deps,
  ctx: ApiContext,
  { params: { session_id: id }, body }: RouteInput<typeof sessionParams, typeof none, typeof eventsBody>,
): Promise<void> {
  const drafts = readDrafts(body.events);
  if (id === null) throw noSession();
  const { accountId } = ctx.state.actor;
  await refuseReopened(accountId, id);
  const result = await writeTurns.run(accountId, () => appendEvents(writer, accountId, id, drafts));
  switch (result.status) {
    case 'appended':
      ctx.body = {
        appended: drafts.length - result.alreadyThere,
        already_there: result.alreadyThere,
        size: result.size,
        head_hash: result.headHashHex,
      };
      return;
    case 'no_session':
      throw noSession();
    case 'closed':
      throw new AppError(
        'session_closed',
        `The session has ended: its log takes no more events. ${result.eventIds.length} of these are in it.`,
      );
    case 'too_many_names':
      throw new AppError('validation_failed', TOO_MANY_NAMES, { param: 'events' });
    case 'conflict': {
      const param = `events[${result.position}].event_id`;
      const message = `${param}: the log has an event of this id with other content. Nothing of the request was stored.`;
      throw new AppError('event_conflict', message, { param });
    }
    default:
      return await refuseUnwritable({ recordOutcome, writer }, accountId, id, result);
  }
}

/** Throws `validation_failed` for the first event that makes no entry, by its position and the field at fault. */
function readDrafts(events: readonly SentEvent[]): EventDraft[] {
  const positions = new Map<unknown, number>();
  return events.map((sent, position) => {
    const checked = checkDraft(sent);
    if (!checked.ok) throw refuse(position, checked.field, checked.problem);
    const { event_id: eventId } = checked.draft;
    const first = positions.get(eventId);
    if (first !== undefined) throw refuse(position, 'event_id', `is that of events[${first}], too`);
    positions.set(eventId, position);
    return checked.draft;
  });
}

function refuse(position: number, field: string, problem: string): AppError {
  const param = `events[${position}].${field}`;
  return new AppError('validation_failed', `${param} ${problem}.`, { param });
}

const TOO_MANY_NAMES =
  'events: the session would have more than 2,000 distinct names of kinds and passes: name categories, and put what varies into another member.';
