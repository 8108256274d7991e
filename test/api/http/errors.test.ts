import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import Koa from 'koa';
import {
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import { pino } from 'pino';
import type { ApiState } from '../../../api/http/context.ts';
import { answerErrors } from '../../../api/http/errors.ts';
import { nameRequest } from '../../../api/http/request-id.ts';
import { listen } from '../../../api/server.ts';
import { AppError, ERROR_CODES, REPORT_FAILURE_REASONS } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import { describeError } from '../../../shared/process/log.ts';
import { readError } from '../../support/answers.ts';
import { LOCAL } from '../../support/local.ts';

const SECRET = '555-01-4477';

/** A server whose every request fails in this way; gives the answer and what was logged. */
async function fail(t: TestContext, thrown: unknown): Promise<{ response: Response; logged: string }> {
  let logged = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  const app = new Koa<ApiState>();
  app.use(answerErrors({ log: pino({ serializers: { err: describeError } }, sink) }));
  app.use(nameRequest());
  app.use(() => {
    throw thrown;
  });
  const server = await listen(app, LOCAL);
  t.after(() => server.close(AbortSignal.abort()));
  return { response: await fetch(server.url), logged };
}

test('every code has a status from 400 on, and its own name in the envelope', async (t) => {
  for (const code of ERROR_CODES) {
    const { response } = await fail(t, new AppError(code, 'Why.'));
    assert.ok(response.status >= 400, code);
    assert.equal((await readError(response)).code, code);
  }
});

test('an unforeseen error is 500 with generic text, and its message is neither sent nor logged', async (t) => {
  for (const thrown of [
    new TypeError(SECRET),
    new SyntaxError(SECRET),
    SECRET,
    null,
    undefined,
    { message: SECRET },
  ]) {
    const { response, logged } = await fail(t, thrown);
    assert.equal(response.status, 500);
    const error = await readError(response);
    assert.equal(error.code, 'internal_error');
    assert.ok(!error.message.includes(SECRET));
    assert.ok(!logged.includes(SECRET));
    assert.ok(logged.includes(error.request_id));
  }
});

test('the status that an error carries does not reach the caller', async (t) => {
  const { response } = await fail(t, Object.assign(new Error(SECRET), { status: 418, expose: true }));
  assert.equal(response.status, 500);
});

test('a database that is away or busy is 503 with when to try again, other errors of the database are 500', async (t) => {
  const { WaitQueueTimeoutError } = createRequire(import.meta.url)('mongodb/lib/cmap/errors.js');
  const labelled = (label: string) =>
    new MongoServerError({ code: 1, message: SECRET, errorLabels: [label] });
  const cases: [Error, number, string][] = [
    [new MongoNetworkError('connection 1 closed'), 503, 'unavailable'],
    [new MongoServerError({ code: 91, message: 'shutdown in progress' }), 503, 'unavailable'],
    [new MongoServerError({ code: 10107, message: 'not primary' }), 503, 'unavailable'],
    [new MongoServerError({ code: 262, message: 'operation exceeded time limit' }), 503, 'unavailable'],
    [new MongoServerSelectionError('no primary', {} as never), 503, 'unavailable'],
    [new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64 } } as never), 503, 'unavailable'],
    [labelled('RetryableWriteError'), 503, 'unavailable'],
    [labelled('SystemOverloadedError'), 503, 'overloaded'],
    [new WaitQueueTimeoutError('Timed out while checking out a connection', 'h'), 503, 'overloaded'],
    [new MongoServerError({ code: 11000, message: SECRET }), 500, 'internal_error'],
  ];
  for (const [error, status, code] of cases) {
    const { response } = await fail(t, error);
    assert.deepEqual([response.status, (await readError(response)).code], [status, code], error.message);
    assert.match(response.headers.get('retry-after') ?? '', status === 503 ? /^[1-9]$/ : /^$/);
  }
});

test('an overload says when to try again', async (t) => {
  const { response } = await fail(t, new AppError('overloaded', 'Full.', { retryAfterS: 3 }));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '3');
});

test('a report that failed says why in the envelope, and when to try again only where that can help', async (t) => {
  const retryable: string[] = [];
  for (const reason of REPORT_FAILURE_REASONS) {
    const { response, logged } = await fail(t, reportFailure(reason, 'Why.'));
    assert.equal(response.status, 500);
    assert.equal((await readError(response)).reason, reason);
    assert.match(logged, new RegExp(`"reason":"${reason}"`));
    if (response.headers.has('retry-after')) retryable.push(reason);
  }
  assert.deepEqual(retryable, ['deadline', 'overloaded_renderer', 'renderer']);
});
