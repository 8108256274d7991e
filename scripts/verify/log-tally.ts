// What `npm run verify` over stored logs found: verdicts and findings are printed as they come, and counted.
import type { LogRef } from '../../shared/audit/log-record.ts';
import { type LogState, type LogVerdict, logStateOf } from '../../shared/audit/verdict.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { describeVerified, refused } from '../batch/describe-verdict.ts';
import { EXIT, type ExitCode } from '../command/command.ts';
import { terminalJson, terminalText } from '../command/terminal-text.ts';
import { isBrokenOff, type Remains } from './remains.ts';

export type LogTally = Readonly<{
  /** The verdict on a session's log. */
  judged(ref: LogRef, session: Session, verdict: LogVerdict): void;
  /** Something that was found beside the logs. */
  found(remains: Remains): void;
  /**
   * All of it in a line. `needs`: in words, the keys that stored logs need, empty where none is missing. `looksBeside`: whether
   * findings beside the logs were looked for.
   */
  summary(options: Readonly<{ needs: string; looksBeside: boolean }>): string;
  /** `unchecked`: account logs that nothing could check. */
  exitCode(options: Readonly<{ mustBeSealed: boolean; unchecked: number }>): ExitCode;
}>;

/** `json`: a line of JSON for each, in place of a sentence. */
export function createLogTally(json: boolean): LogTally {
  const verdicts = { verified: 0, failed: 0, unverifiable: 0 };
  const states = { open: 0, unsealed: 0, sealed: 0 };
  let damaged = 0;
  let findings = 0;
  let broken = 0;
  return {
    judged(ref, session, verdict) {
      const state = logStateOf(session.log.seal, session.endedAt);
      verdicts[verdict.status] += 1;
      states[state] += 1;
      if (verdict.status === 'unverifiable' && verdict.reason === 'damaged_row') damaged += 1;
      console.log(
        json ? terminalJson(toJson(ref, verdict, state)) : terminalText(describe(ref.sessionId, verdict)),
      );
    },
    found(remains) {
      if (isBrokenOff(remains)) broken += 1;
      else findings += 1;
      const { finding, about, accountId, line, details } = remains;
      console.log(
        json
          ? terminalJson({ finding, account_id: accountId, ...details })
          : terminalText(`${about} ${finding}: ${line}`),
      );
    },
    summary({ needs, looksBeside }) {
      const { verified, failed, unverifiable } = verdicts;
      const logs = `${verified} verified, ${failed} failed, ${unverifiable} unverifiable`;
      const rows = damaged > 0 ? ` (${damaged} for a damaged row)` : '';
      const keys = needs === '' ? '' : `: ${needs}`;
      const ends = `; ${states.open} open, ${states.unsealed} ended but unsealed`;
      const beside = looksBeside ? `; ${findings} findings beside the logs` : '';
      const off = broken > 0 ? `; ${broken} broke off` : '';
      return `${logs}${rows}${keys}${ends}${beside}${off}`;
    },
    exitCode({ mustBeSealed, unchecked }) {
      const isFailed = verdicts.failed + findings + damaged > 0;
      if (isFailed || (mustBeSealed && states.unsealed > 0)) return EXIT.foundFailed;
      return verdicts.unverifiable + unchecked + broken > 0 ? EXIT.error : EXIT.done;
    },
  };
}

function describe(sessionId: string, verdict: LogVerdict): string {
  if (verdict.status === 'verified') {
    return `${sessionId} ${describeVerified(verdict)}, root ${verdict.rootHex}`;
  }
  return `${sessionId} ${refused(verdict).line}`;
}

function toJson({ accountId, sessionId }: LogRef, verdict: LogVerdict, state: LogState): object {
  const found =
    verdict.status === 'verified'
      ? { verdict: verdict.status, size: verdict.size, merkle_root_hex: verdict.rootHex }
      : refused(verdict).details;
  return { session_id: sessionId, account_id: accountId, ...found, state };
}
