import { defineRoute, none } from '../../http/route-spec.ts';
import { endSession } from './end-session.ts';
import { postEvents } from './post-events.ts';
import { putSession } from './put-session.ts';
import { sessionParams } from './schema.ts';
import {
  appendedResponse,
  BODY_LIMIT,
  endBody,
  endedResponse,
  eventsBody,
  openedResponse,
  sessionBody,
} from './writing-schema.ts';

const JSON_BODY = { mediaType: 'application/json', limit: BODY_LIMIT } as const;

export const WRITING_ROUTES = [
  defineRoute({
    method: 'put',
    path: '/api/v1/sessions/{session_id}',
    summary: 'Opens a session under an id of yours.',
    permission: 'sessions:write',
    params: sessionParams,
    query: none,
    body: { ...JSON_BODY, schema: sessionBody },
    kind: 'json',
    response: openedResponse,
    statuses: [201, 200],
    errors: ['session_conflict', 'session_closed', 'log_failed', 'id_taken'],
    handler: putSession,
  }),

  defineRoute({
    method: 'post',
    path: '/api/v1/sessions/{session_id}/events',
    summary: 'Appends events to the log of an open session, each once.',
    permission: 'sessions:write',
    params: sessionParams,
    query: none,
    body: { ...JSON_BODY, schema: eventsBody },
    kind: 'json',
    response: appendedResponse,
    errors: ['session_not_found', 'event_conflict', 'session_closed', 'log_failed'],
    handler: postEvents,
  }),

  defineRoute({
    method: 'post',
    path: '/api/v1/sessions/{session_id}/end',
    summary: 'Ends a session, and seals its log.',
    permission: 'sessions:write',
    params: sessionParams,
    query: none,
    body: { ...JSON_BODY, schema: endBody },
    kind: 'json',
    response: endedResponse,
    errors: ['session_not_found', 'session_closed', 'log_failed'],
    handler: endSession,
  }),
];
