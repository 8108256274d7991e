import type { Keyring } from '../../shared/audit/audit-keys.ts';
import type { LoggedPolicies } from '../../shared/policy/logged-policies.ts';
import type { LoggedReports } from '../../shared/reports/logged-reports.ts';
import type { LoggedSessions } from '../../shared/sessions/logged-sessions.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { CheckpointFile } from '../../shared/transparency/checkpoint-file.ts';
import type { LogHeads } from '../../shared/transparency/log-heads.ts';
import type { LogPlaces } from '../../shared/transparency/log-places.ts';
import type { LogSegments } from '../../shared/transparency/log-segments.ts';
import type { LogTiles } from '../../shared/transparency/log-tiles.ts';
import type { Signing } from '../../shared/transparency/open-signing.ts';
import type { Announcer } from '../../shared/webhooks/announce.ts';
import type { ReportPool } from '../reports/pool.ts';

/** Takes what an operator has to know, without anything of an entry. */
export type KeeperLog = Readonly<Record<'info' | 'warn' | 'error', (about: object, line: string) => void>>;

/** What keeping account logs takes. Only processes that sign have it: the workers, and operators' commands. */
export type KeeperDeps = Signing &
  Readonly<{
    segments: LogSegments;
    tiles: LogTiles;
    places: LogPlaces;
    heads: LogHeads;
    sessions: LoggedSessions;
    policies: LoggedPolicies;
    reports: LoggedReports;
    keyring: Keyring;
    pool: Pick<ReportPool, 'verifySession'>;
    recordOutcome: RecordOutcome;
    /** Tells webhooks of checkpoints. Commands have none. */
    announcer?: Pick<Announcer, 'announce'>;
    checkpointFile: CheckpointFile;
    log: KeeperLog;
    /** Whether to tell of a subject again. */
    isToTell(subject: string): boolean;
  }>;
