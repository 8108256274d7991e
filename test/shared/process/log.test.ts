import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MongoServerError, MongoServerSelectionError } from 'mongodb';
import { AppError } from '../../../shared/errors/app-error.ts';
import { describeError } from '../../../shared/process/log.ts';

test('an AppError is logged with its message', () => {
  const { name, code, message } = describeError(new AppError('unavailable', 'The database does not answer'));
  assert.deepEqual(
    { name, code, message },
    { name: 'AppError', code: 'unavailable', message: 'The database does not answer' },
  );
});

test('the message of any other error is not logged, nor its fields, nor its causes', () => {
  const secret = 'Jane Doe';
  const foreign = Object.assign(new TypeError(`Cannot read ${secret}`), { keyValue: { name: secret } });
  const logged = describeError(
    new AppError('internal_error', 'Unforeseen', { cause: new Error(secret, { cause: foreign }) }),
  );
  assert.equal(logged.cause?.cause?.name, 'TypeError');
  assert.ok(!JSON.stringify(logged).includes(secret));
});

test('an error of a server that refuses is logged with its message, however deep', () => {
  const refusal = Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' });
  const away = new MongoServerSelectionError('connect ECONNREFUSED 127.0.0.1:1', {} as never);
  for (const cause of [refusal, away]) {
    const logged = describeError(new Error('Jane Doe', { cause }));
    assert.equal(logged.message, undefined);
    assert.equal(logged.cause?.message, cause.message);
  }
  const duplicate = new MongoServerError({ code: 11000, errmsg: 'dup key: { name: "Jane Doe" }' });
  assert.equal(describeError(duplicate).message, undefined);
});

test('an error is logged with the place where it was thrown', () => {
  assert.match(describeError(new Error('x')).frames[0] ?? '', /log\.test\.ts/);
});

test('an error that is its own cause is logged', () => {
  const error = new Error('x');
  error.cause = error;
  assert.equal(describeError(error).cause?.name, 'Error');
});

test('what is not an error is logged by its type only', () => {
  assert.deepEqual(describeError('Jane Doe'), { name: 'string', frames: [] });
});
