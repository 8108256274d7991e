import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCursorCodec } from '../../../api/http/cursor.ts';
import { parseQuery } from '../../../api/http/query.ts';
import { sessionsQuery } from '../../../api/http/session-list-query.ts';
import { resolveState, type SessionListState } from '../../../api/http/session-list-state.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

const cursors = createCursorCodec(new Uint8Array(32));
const identity = { account: newId('account'), list: 'sessions' };
const agent = newId('agent');
const first = new Date('2026-05-03T12:00:00Z');
const later = new Date('2026-05-03T13:00:00Z');

function resolve(query: string, now: Date, of = identity): SessionListState {
  return resolveState({ cursors }, parseQuery(sessionsQuery, query), of, now);
}

/** The cursor that a first page asked for by `query` would give out. */
function cursorOf(query: string): string {
  return cursors.sign({ ...resolve(query, first), after: [1, newId('session')] });
}

function assertRefused(query: string, of = identity): void {
  assert.throws(
    () => resolve(query, later, of),
    (error) => error instanceof AppError && error.code === 'validation_failed' && error.param === 'cursor',
    query,
  );
}

test('a first page covers the last 24 hours', () => {
  const state = resolve('', first);
  assert.equal(new Date(state.since).toISOString(), '2026-05-02T12:00:00.000Z');
  assert.equal(new Date(state.until).toISOString(), '2026-05-03T12:00:00.000Z');
  assert.equal(state.after, null);
});

test('a later page keeps the window and the filters of the first', () => {
  const query = `since=7d&status=ok&log_state=unsealed&log=failed&min_redactions=2&agent_id=${agent}`;
  const { after, ...continued } = resolve(`cursor=${cursorOf(query)}`, later);
  const { after: _, ...started } = resolve(query, first);
  assert.deepEqual(continued, started);
  assert.ok(after);
});

test('a cursor with the same filters given again is accepted', () => {
  const query = `since=7d&until=2026-05-03T00:00:00Z&status=ok&min_redactions=2&agent_id=${agent}`;
  assert.ok(resolve(`${query}&cursor=${cursorOf(query)}`, later).after);
});

test('a cursor of the default window is accepted with that window written out', () => {
  assert.ok(resolve(`since=24h&cursor=${cursorOf('')}`, later).after);
});

test('a cursor with the same time in another spelling is accepted', () => {
  const cursor = cursorOf('since=2026-05-01T02:00:00%2B02:00&until=2026-05-03T00:00:00.0Z');
  assert.ok(resolve(`since=2026-05-01T00:00:00Z&until=2026-05-03T00:00:00Z&cursor=${cursor}`, later).after);
});

test('a filter that differs from the cursor’s is refused', () => {
  const cursor = cursorOf(
    `since=7d&status=ok&log_state=unsealed&log=failed&min_redactions=2&agent_id=${agent}`,
  );
  assertRefused(`since=30d&cursor=${cursor}`);
  assertRefused(`since=2026-05-01T00:00:00Z&cursor=${cursor}`);
  assertRefused(`until=2026-05-03T11:00:00Z&cursor=${cursor}`);
  assertRefused(`status=error&cursor=${cursor}`);
  assertRefused(`log_state=sealed&cursor=${cursor}`);
  assertRefused(`log=unverifiable&cursor=${cursor}`);
  assertRefused(`min_redactions=0&cursor=${cursor}`);
  assertRefused(`agent_id=${newId('agent')}&cursor=${cursor}`);
});

test('a cursor with a filter that its first page did not have is refused', () => {
  const cursor = cursorOf('');
  assertRefused(`status=ok&cursor=${cursor}`);
  assertRefused(`min_redactions=1&cursor=${cursor}`);
  assertRefused(`agent_id=${agent}&cursor=${cursor}`);
});

test('a cursor of another account or another list is refused', () => {
  const query = `cursor=${cursorOf('')}`;
  assertRefused(query, { ...identity, account: newId('account') });
  assertRefused(query, { ...identity, list: `agents/${agent}/sessions` });
});

test('a signed value that is not the state of a list is refused', () => {
  assertRefused(`cursor=${cursors.sign({ ...identity, v: 1 })}`);
  assertRefused(`cursor=${cursors.sign({ ...resolve('', first), v: 2 })}`);
});

test('the longest possible cursor is still read', () => {
  const since = '2026-05-01T00:00:00.000000001%2B23:59';
  const query = `since=${since}&until=${since}&status=partial&min_redactions=999999999&agent_id=${agent}`;
  const of = { ...identity, list: `agents/${agent}/sessions` };
  const state = { ...resolve(query, first, of), after: [1777755154520, newId('session')] };
  assert.deepEqual(resolve(`cursor=${cursors.sign(state)}`, later, of), state);
});
