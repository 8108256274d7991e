// What a caller of the threads waits for, and how long.
import type { ReportStage } from '../../shared/reports/report-job.ts';
import type { Deadline } from '../logs/forecast.ts';
import type { WindowProgress } from './walk-window.ts';
import type { Outcome } from './walked-part.ts';

export type WaitOptions = Readonly<{ signal: AbortSignal; deadline?: Deadline }>;

/** Of a report over many sessions. `onOutcome` takes what has to be recorded of a session. */
export type WideOptions = WaitOptions &
  Readonly<{
    onOutcome: (outcome: Outcome) => Promise<void>;
    onProgress?: (progress: WindowProgress) => Promise<void> | void;
    /** Is told when a stage begins. */
    onStage?: (stage: ReportStage) => void;
  }>;
