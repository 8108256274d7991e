import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReportDeadline, reportDeadline } from '../../../../api/routes/sessions/report-deadline.ts';
import type { AppError } from '../../../../shared/errors/app-error.ts';

const TIMEOUT_MS = 8_000;

function reasonOf(deadline: ReportDeadline): string | undefined {
  return (deadline.reason() as AppError).reason;
}

function reasonAfter(waitedMs: number): string | undefined {
  const deadline = reportDeadline({ reportTimeoutMs: TIMEOUT_MS });
  deadline.printer = { waitedMs: () => waitedMs };
  return reasonOf(deadline);
}

test('a PDF that waits at the deadline, or whose turn came in the last moment, tells of a busy renderer', () => {
  assert.equal(reasonAfter(Number.POSITIVE_INFINITY), 'overloaded_renderer');
  assert.equal(reasonAfter(TIMEOUT_MS - 1), 'overloaded_renderer');
});

test('a report that waited for its turn for less than half of its time tells of the deadline', () => {
  assert.equal(reasonAfter(TIMEOUT_MS / 2 - 1), 'deadline');
  assert.equal(reasonOf(reportDeadline({ reportTimeoutMs: TIMEOUT_MS })), 'deadline');
});
