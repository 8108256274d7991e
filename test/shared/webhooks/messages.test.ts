// What a message says, how it is signed, and when it is sent again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { isId } from '../../../shared/audit/ids.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/time/durations.ts';
import { messageIdOf } from '../../../shared/webhooks/events.ts';
import { nextAttemptAt } from '../../../shared/webhooks/retry-times.ts';
import { newSecret, signMessage } from '../../../shared/webhooks/sign-message.ts';

test('the package standardwebhooks verifies a signature, by either of two secrets and by no other', () => {
  const [old, current] = [newSecret(), newSecret()];
  const body = '{"type":"session.closed","data":{"size":3}}';
  const nowS = Math.floor(Date.now() / 1_000);
  const headers = signMessage('msg_1', nowS, body, [current, old]);
  for (const secret of [old, current]) {
    assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
  }
  assert.throws(() => new Webhook(newSecret()).verify(body, headers));
  assert.throws(() => new Webhook(current).verify(`${body} `, headers));
  assert.throws(() => new Webhook(current).verify(body, signMessage('msg_1', nowS - 600, body, [current])));
});

test('a secret is whsec_ and 32 bytes in base64, and each is another', () => {
  const secrets = Array.from({ length: 50 }, newSecret);
  for (const secret of secrets) {
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  }
  assert.equal(new Set(secrets).size, 50);
});

test('one occurrence has one message id; another account, type or occurrence has another', () => {
  const id = messageIdOf('acc_1', 'session.closed', 'sess_1');
  assert.ok(isId('message', id));
  assert.equal(messageIdOf('acc_1', 'session.closed', 'sess_1'), id);
  const others = [
    messageIdOf('acc_2', 'session.closed', 'sess_1'),
    messageIdOf('acc_1', 'log.failed', 'sess_1'),
    messageIdOf('acc_1', 'session.closed', 'sess_2'),
  ];
  assert.equal(new Set([id, ...others]).size, 4);
});

test('a message is sent after growing pauses, a last time after a day, and then given up', () => {
  const createdAt = new Date('2026-11-01T00:00:00Z');
  const afterMs: number[] = [];
  for (let at: Date | null = createdAt, failed = 1; ; failed += 1) {
    at = nextAttemptAt(createdAt, at, failed, 0);
    if (at === null) break;
    afterMs.push(at.getTime() - createdAt.getTime());
  }
  const pauses = [5_000, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS];
  let sum = 0;
  const sums = pauses.map((pause) => (sum += pause));
  assert.deepEqual(afterMs, [...sums, DAY_MS]);
});

test('pauses differ, by a fifth at most', () => {
  const now = new Date();
  const latest = nextAttemptAt(now, now, 1, 1) as Date;
  assert.equal(latest.getTime() - now.getTime(), 6_000);
});
