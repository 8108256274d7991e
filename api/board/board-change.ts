// What a call of the dashboard changes, as far as it can be told from the path. A path may hold anything: only names that
// are known here, and ids, are taken from it.
import type { PipelineView } from '../http/pipeline-view.ts';

/** Null where the path names none that is known. */
export type BoardChange = Readonly<{ queue: string | null; act: string | null; job: string | null }>;

/** Last known words of the package's paths (`dist/routes.js` of @bull-board/api 9.10.1). */
const ACTS = [
  ...['pause', 'resume', 'empty', 'obliterate', 'add', 'retry', 'promote', 'clean', 'update-data', 'delay'],
  ...[
    'priority',
    'remove-unprocessed-children',
    'concurrency',
    'rate-limit',
    'release',
    'purge',
    'run',
    'remove',
  ],
];

/** What follows a queue's name in the ids of its jobs: ids of ours and numbers. */
const JOB_TAIL = /^(?:-(?:[a-z]{2,6}_[0-9A-HJKMNP-TV-Z]{26}|\d{1,20}))*$/;

export function readChange(path: string, { queues }: Pick<PipelineView, 'queues'>): BoardChange {
  const steps = path.split('/');
  const name = /\/api\/queues\/([\w-]+)/.exec(path)?.[1];
  const queue = queues.all.find((queue) => queue.name === name)?.name ?? null;
  const isJob = (step: string) =>
    queue !== null && step.startsWith(`${queue}-`) && JOB_TAIL.test(step.slice(queue.length));
  return {
    queue,
    act: steps.findLast((step) => ACTS.includes(step)) ?? null,
    job: steps.find(isJob) ?? null,
  };
}
