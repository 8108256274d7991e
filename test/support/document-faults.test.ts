// Each way in which an answer can differ from the document is found.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answered, findFault } from './document-faults.ts';

const ID = 'req_01KQGDBJ00Z4M8T6XJ3V5C9R2N';
const GIVEN = [['X-Request-Id', ID]] as const;

function answer(differing: Partial<Omit<Answered, 'body'>> & { body?: unknown }): Answered {
  const { body = { status: 'ok' }, ...rest } = differing;
  return {
    method: 'GET',
    target: '/health/live',
    takesHtml: false,
    status: 200,
    type: 'application/json',
    headers: new Map(GIVEN),
    ...rest,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  };
}

const error = (code: string, more = {}) => ({ error: { code, message: 'Text.', request_id: ID, ...more } });

test('an answer as the document has it is no fault', () => {
  const good = [
    answer({}),
    answer({ method: 'HEAD', body: '' }),
    answer({ status: 422, body: error('validation_failed', { param: 'x' }) }),
    answer({
      target: '/health/live?x=1',
      method: 'DELETE',
      status: 405,
      body: error('method_not_allowed'),
      headers: new Map([...GIVEN, ['Allow', 'GET, HEAD, OPTIONS']]),
    }),
    answer({ method: 'OPTIONS', status: 204, headers: new Map([...GIVEN, ['Allow', 'GET, HEAD, OPTIONS']]) }),
    answer({ target: '/api/v1/nothing', status: 404, body: error('not_found') }),
    answer({ target: '/sessions', status: 200, type: 'text/html', body: '<p>' }),
    answer({ target: '*', status: 404, body: error('not_found') }),
  ];
  for (const answered of good) assert.equal(findFault(answered), null);
});

const FAULTS: readonly (readonly [string, RegExp, Answered])[] = [
  ['a status', /has only the statuses/, answer({ status: 418 })],
  ['a media type', /has only the media types/, answer({ type: 'text/plain', body: 'ok' })],
  ['a code of another status', /allowed values/, answer({ status: 422, body: error('not_found') })],
  [
    'a member of another code',
    /additional properties/,
    answer({ status: 503, body: error('unavailable', { param: 'x' }) }),
  ],
  ['a field', /additional properties.*extra/, answer({ body: { status: 'ok', extra: 1 } })],
  ['a missing field', /required/, answer({ body: {} })],
  ['a value', /constant/, answer({ body: { status: 'late' } })],
  [
    'a header',
    /ETag/,
    answer({
      headers: new Map([
        ['X-Request-Id', ID],
        ['ETag', '"x"'],
      ]),
    }),
  ],
  [
    'a cookie of a public route',
    /Set-Cookie/,
    answer({ headers: new Map([...GIVEN, ['Set-Cookie', 'masker_session=x']]) }),
  ],
  [
    'a rate limit of another form',
    /RateLimit/,
    answer({
      target: '/api/v1/me',
      status: 429,
      body: error('rate_limited'),
      headers: new Map([...GIVEN, ['RateLimit', '5']]),
    }),
  ],
  ['an Allow beside an answer', /Allow/, answer({ headers: new Map([...GIVEN, ['Allow', 'GET']]) })],
  [
    'an Allow with a method too many',
    /should be GET, HEAD, OPTIONS/,
    answer({
      method: 'OPTIONS',
      status: 204,
      headers: new Map([...GIVEN, ['Allow', 'DELETE, GET, HEAD, OPTIONS']]),
    }),
  ],
  ['a 405 without Allow', /Allow is missing/, answer({ method: 'PUT', status: 405 })],
  ['a header of another form', /X-Request-Id/, answer({ headers: new Map([['X-Request-Id', 'x']]) })],
  ['a missing request id', /lacks the header/, answer({ headers: new Map() })],
  [
    'a body where there is none',
    /no body/,
    answer({ method: 'POST', target: '/api/v1/auth/logout', status: 204 }),
  ],
  ['a success of no route', /should be 404/, answer({ target: '/api/v1/nothing' })],
  ['a method of no route', /should be 405/, answer({ method: 'PUT' })],
  ['an undecoded path', /has only the statuses/, answer({ target: '/api/v1/agents/%2e%2e', status: 418 })],
];

for (const [name, reason, answered] of FAULTS) {
  test(`${name} that the document does not have is a fault, with the route`, () => {
    const fault = findFault(answered);
    assert.match(fault ?? '', reason);
    assert.match(fault ?? '', new RegExp(`^${answered.method} /`));
  });
}
