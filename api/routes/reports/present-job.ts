import type { z } from 'zod';
import type { ReportJob, ReportJobProgress, ReportJobStatus } from '../../../shared/reports/report-job.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import type { reportJobResponse } from './job-schema.ts';

/** The status at a time: bytes whose time is up are not handed out, whether or not the sweep has removed them. */
export function statusAt({ status, expiresAt }: ReportJob, now: Date): ReportJobStatus {
  return status === 'ready' && expiresAt !== null && expiresAt <= now ? 'expired' : status;
}

/** Path of a job, and of what is below it. */
export function jobPath(id: string, below = ''): string {
  return `/api/v1/reports/${id}${below}`;
}

export function presentJob(job: ReportJob, now: Date): z.infer<typeof reportJobResponse> {
  const { id, subject, progress, finishedAt, expiresAt, error } = job;
  const { since, until, tz, period } = subject.window;
  const holds = job.orderFault === null;
  const status = statusAt(job, now);
  // What was composed is told once it is in the ledger.
  const composed = status === 'ready' || status === 'expired' ? job.composed : null;
  return {
    id,
    status,
    scope: subject.scope,
    agent_id: holds && subject.scope === 'agent' ? subject.agentId : null,
    window: holds ? { since: presentTime(since), until: presentTime(until), tz, period } : null,
    format: job.format,
    exceptions: job.exceptions,
    user_id: holds ? job.userId : null,
    ordered_at: presentTime(job.orderedAt),
    progress: progress && {
      stage: progress.stage,
      sessions_done: progress.done,
      sessions_total: progress.total,
      started_at: presentTime(progress.startedAt),
      updated_at: presentTime(progress.at),
      seconds_left: status === 'running' ? secondsLeft(progress, now) : null,
    },
    finished_at: finishedAt && presentTime(finishedAt),
    expires_at: expiresAt && presentTime(expiresAt),
    generated_at: composed && presentTime(composed.generatedAt),
    merkle_root_hex: composed?.rootHex ?? null,
    size: composed?.bytes ?? null,
    sha256: composed?.sha256Hex ?? null,
    content: status === 'ready' ? jobPath(id, '/content') : null,
    error: error && { code: error.code, reason: error.reason, message: error.message },
  };
}

function secondsLeft({ stage, done, total, startedAt }: ReportJobProgress, now: Date): number | null {
  if (stage !== 'walking' || done === 0 || total === null) return null;
  const elapsedMs = Math.max(0, now.getTime() - startedAt.getTime());
  return Math.ceil((elapsedMs / done) * (total - done) * 1e-3);
}
