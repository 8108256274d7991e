// What a caller of the threads waits for, and how long.
import type { ReportStage } from '../../shared/reports/report-job.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';
import type { Deadline } from '../logs/forecast.ts';
import type { WindowProgress } from './walk-window.ts';
import type { Outcome } from './walked-part.ts';

export type WaitOptions = Readonly<{ signal: AbortSignal; deadline?: Deadline }>;

/** Of a report. `known`: the largest checkpoint of the account log that the process knows; none by default. */
export type ReportOptions = WaitOptions & Readonly<{ known?: KnownRoot | null }>;

/** Of a report over many sessions. `onOutcome` takes what has to be recorded of a session. */
export type WideOptions = ReportOptions &
  Readonly<{
    onOutcome: (outcome: Outcome) => Promise<void>;
    onProgress?: (progress: WindowProgress) => Promise<void> | void;
    /** Is told when a stage begins. */
    onStage?: (stage: ReportStage) => void;
  }>;
