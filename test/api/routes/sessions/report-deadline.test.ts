import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReportDeadline, reportDeadline } from '../../../../api/routes/sessions/report-deadline.ts';
import type { AppError } from '../../../../shared/errors/app-error.ts';

const TIMEOUT_MS = 8_000;

function reasonOf(deadline: ReportDeadline): string | undefined {
  return (deadline.reason() as AppError).reason;
}

/** The reason of a report that was ready to be printed `readyMs` after its start, and whose turn came `turnMs` after it. */
function reasonAfter(readyMs: number, turnMs: number): string | undefined {
  const deadline = reportDeadline({ reportTimeoutMs: TIMEOUT_MS });
  const startMs = deadline.atMs - TIMEOUT_MS;
  deadline.printer = { wait: () => ({ beganMs: startMs + readyMs, endedMs: startMs + turnMs }) };
  return reasonOf(deadline);
}

test('a PDF that waits at the deadline, or whose turn came in the last moment, tells of a busy renderer', () => {
  assert.equal(reasonAfter(100, Number.POSITIVE_INFINITY), 'overloaded_renderer');
  assert.equal(reasonAfter(100, TIMEOUT_MS - 1), 'overloaded_renderer');
});

test('a PDF that was ready late and waited for longer than it then had tells of a busy renderer', () => {
  assert.equal(reasonAfter(TIMEOUT_MS * 0.7, TIMEOUT_MS * 0.9), 'overloaded_renderer');
});

test('a report that had longer to be printed than it waited tells of the deadline', () => {
  assert.equal(reasonAfter(100, TIMEOUT_MS / 2), 'deadline');
  assert.equal(reasonAfter(TIMEOUT_MS * 0.7, TIMEOUT_MS * 0.8), 'deadline');
  // It was ready when its time was over, and no timer had run yet.
  assert.equal(reasonAfter(TIMEOUT_MS + 1, TIMEOUT_MS + 2), 'deadline');
  const deadline = reportDeadline({ reportTimeoutMs: TIMEOUT_MS });
  deadline.printer = { wait: () => null };
  assert.equal(reasonOf(deadline), 'deadline');
  assert.equal(reasonOf(reportDeadline({ reportTimeoutMs: TIMEOUT_MS })), 'deadline');
});
