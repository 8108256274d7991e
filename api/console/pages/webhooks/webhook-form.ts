import { z } from 'zod';
import { isShownName, NOT_SHOWN } from '../../../../shared/accounts/visible-name.ts';
import { EVENT_TYPES, type EventType } from '../../../../shared/webhooks/events.ts';
import type { WebhookDraft } from '../../../../shared/webhooks/webhook-repository.ts';
import { input } from '../../markup/form.ts';
import { type Html, html, nothing } from '../../markup/html.ts';

const event = z.enum(EVENT_TYPES, 'events must be types of events.');

export const webhookFields = z.object({
  url: z.string('url must be given once.').optional(),
  /** A browser sends a field for each box that is ticked. */
  events: z.union([event, z.array(event)], 'events must be types of events.').optional(),
  description: z
    .string('description must be given once.')
    .max(500, 'description: it has more than 500 characters: send a shorter one.')
    .refine((text) => text === '' || isShownName(text), `description: it ${NOT_SHOWN}.`)
    .optional(),
});

/** What the form shows: what was filled in, and what is wrong with it. */
export type WebhookFormState = Readonly<{
  url: string;
  events: readonly EventType[];
  description: string;
  problem: string | null;
}>;

export const EMPTY_FORM: WebhookFormState = { url: '', events: [], description: '', problem: null };

/** What a form says that was sent without an event. */
export const NO_EVENTS = 'Choose at least one thing that it is told of.';

/** What was filled in, as a webhook is to be. */
export function draftOf({
  url = '',
  description = '',
  events: ticked = [],
}: z.output<typeof webhookFields>): WebhookDraft {
  return { url, description, events: [...new Set([ticked].flat())] };
}

/** The form that adds a webhook. */
export function addForm(filled: WebhookFormState): Html {
  return form('/webhooks', 'Add webhook', filled);
}

/** The form that changes one. */
export function changeForm(webhookId: string, filled: WebhookFormState): Html {
  return form(`/webhooks/${webhookId}/change`, 'Save', filled);
}

function form(path: string, button: string, { url, events, description, problem }: WebhookFormState): Html {
  return html`<form method="post" action="${path}" class="stacked">
${problem === null ? nothing : html`<p class="notice bad" role="alert">${problem}</p>`}
${input('url', 'Address, such as https://example.com/hooks', { value: url, required: true })}
${input('description', 'Description, such as what receives the events (may be left empty)', { value: description })}
<fieldset><legend>What it is told of</legend>
${EVENT_TYPES.map((type) => {
  const checked = events.includes(type) ? html` checked` : nothing;
  return html`<label><input type="checkbox" name="events" value="${type}"${checked}> ${MEANINGS[type]} <span class="whole">(<code>${type}</code>)</span></label>`;
})}
</fieldset>
<button type="submit">${button}</button>
</form>`;
}

const MEANINGS = {
  'session.closed': 'A session was closed and its log sealed',
  'log.failed': 'A log failed its verification',
  'report.ready': 'A report that was ordered for the background is ready',
  'checkpoint.signed': 'A checkpoint of the account log was signed',
} as const satisfies Record<EventType, string>;
