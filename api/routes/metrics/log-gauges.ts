// The gauges of what verifications found, over all accounts.
import { Gauge, type Registry } from 'prom-client';
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import type { SessionGauges } from '../../../shared/sessions/session-gauges.ts';

const DEADLINE_MS = 900;

/** Registers them, once for a registry. Without a sample where the database does not answer in time. */
export function registerLogGauges(registry: Registry, gauges: SessionGauges): void {
  register(registry, {
    name: 'masker_logs_by_verdict',
    help: 'Sessions by the mark that the last walk of their log left: failed, unverifiable, or unmarked.',
    labels: ['verdict'],
    async read() {
      const [{ failed, unverifiable }, total] = await Promise.all([gauges.countLogs(), gauges.countAll()]);
      return [
        [{ verdict: 'failed' }, failed],
        [{ verdict: 'unverifiable' }, unverifiable],
        [{ verdict: 'unmarked' }, Math.max(0, total - failed - unverifiable)],
      ];
    },
  });
  register(registry, {
    name: 'masker_log_oldest_verification_seconds',
    help: 'How long ago the log was walked, by the schedule or at the end of its session, that was not walked for the longest time; 0 when no session has ended.',
    labels: [],
    async read() {
      const oldest = await gauges.findOldestWalk();
      return [[{}, oldest === null ? 0 : Math.max(0, (Date.now() - oldest.getTime()) / 1000)]];
    },
  });
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];
type Spec = Readonly<{ name: string; help: string; labels: readonly string[]; read(): Promise<Sample[]> }>;

function register(registry: Registry, { name, help, labels, read }: Spec): void {
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    async collect() {
      const samples = await unlessAborted(AbortSignal.timeout(DEADLINE_MS), read()).catch(() => []);
      this.reset();
      // A gauge without labels is now 0, which would be a sample.
      this.remove({});
      for (const [label, value] of samples) this.set(label, value);
    },
  });
}
