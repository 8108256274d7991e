// The report's own words. Sentences are fixed or take a number, and never take free text: so the leak scan can tell
// them from text that it has to search.

/** The one verdict on the chain that a report can state. */
export const CHAIN_VERIFIED = 'verified';

/** `audit_log.state`, by the log's state. */
export const LOG_STATE_WORDS = {
  open: 'open',
  sealed: 'sealed',
  unsealed: 'unsealed: the tail may have been cut',
} as const;

/** When the policy is known to have been in force: a reload may have changed it. */
export const POLICY_BASIS = {
  throughout: 'policy in force during the session',
  reloaded: 'policy at session start',
  window: 'weakest of the policies in force in the window, each from the start of its sessions',
} as const;

/** The verdicts on the logs of a window. */
export const WINDOW_VERDICTS = ['verified', 'failed', 'incomplete'] as const;

/** Whether a window was over when its report was made. */
export const WINDOW_EXTENT = {
  over: 'The window was over when this report was made.',
  notOver:
    'The window was not over when this report was made: sessions that start later in it are in no figure of this report.',
} as const;

/** The codes of `time_alerts.window`. */
export const WINDOW_ALERT_CODES = ['window_not_over'] as const;

/** What the account log says of a window. */
export const ACCOUNT_LOG_STATEMENT = {
  none: 'no account log',
  complete:
    'Every closed session of the window has its entry in the account log, and every entry about the window that was ' +
    'read there has its session.',
  completeSoFar:
    'Every closed session that the window held so far has its entry in the account log, and every entry about the ' +
    'window that was read there has its session.',
  missing:
    'The account log has entries about sessions of the window that are not stored any more in it: they were deleted, or ' +
    'moved out of the window.',
  notLogged: 'Closed sessions of the window are not in the account log yet.',
  both:
    'The account log has entries about sessions of the window that are not stored any more in it, and closed sessions ' +
    'of the window are not in it yet.',
} as const;

/** What coverage does not say, 45 CFR 164.514(b). */
export const COVERAGE_CAVEAT =
  'Coverage is the capability that the policy configures. It measures no detection accuracy and is no ' +
  'determination under 45 CFR 164.514(b). Zero detections of a kind say nothing about its coverage. A detection ' +
  'counts under every identifier that its kind belongs to, so the counts do not add up to the redactions.';

/** What the number of rehydration failures shows. */
export const LEAK_DETECTION_STATEMENT = {
  none: 'The log holds no rehydration failure. A leak that nothing detected is not in it.',
  some: 'The log holds rehydration failures: replies in which a token could not be turned back.',
} as const;

/** The codes of `time_alerts`, each with what it says. */
export const TIME_ALERT_STATEMENT = {
  ended_before_started:
    'The session ends before it starts. Both times are stated as recorded, and the duration is 0.',
  times_go_back:
    'Entries are dated before the entry in front of them. The order of a log is its sequence, never the clock.',
  entry_before_session: 'The earliest entry is dated more than an hour before the session.',
  entry_after_session:
    'The latest entry is dated more than an hour after the session; of an open one, more than an hour after this ' +
    'report was made.',
  starts_after_report: 'The session starts more than an hour after this report was made.',
  ends_after_report: 'The session ends more than an hour after this report was made.',
  entry_after_report: 'The latest entry is dated more than an hour after this report was made.',
} as const;

/** The codes of `time_alerts`. */
export const TIME_ALERT_CODES = Object.keys(TIME_ALERT_STATEMENT) as TimeAlertCode[];

/** A code of `time_alerts`. */
export type TimeAlertCode = keyof typeof TIME_ALERT_STATEMENT;

/** What the policy logs. Logging that is off is called a gap. */
export const LOGGING_STATEMENT = {
  both: 'The policy logs redaction events and payloads.',
  eventsOnly:
    'The policy logs redaction events. It does not log payloads: what was said is not in the record, which is a gap.',
  payloadsOnly:
    'The policy does not log redaction events, which is a gap: what was masked need not be in the log.',
  neither:
    'The policy logs neither redaction events nor payloads, which is a gap: what was masked need not be in the ' +
    'log, and what was said is not in the record.',
} as const;

const RETENTION_NONE = 'the policy states no retention period; enforcement is not checked';

/** The retention sentence for the days that the policy states, or for null. */
export function retentionStatement(days: number | null): string {
  return days === null ? RETENTION_NONE : `the policy states ${days} days; enforcement is not checked`;
}

/** Whether `retentionStatement` can have given the text. */
export function isRetentionStatement(text: string): boolean {
  return (
    text === RETENTION_NONE || /^the policy states \d{1,16} days; enforcement is not checked$/.test(text)
  );
}

/** Whether the operator configured a BAA chain. */
export const BAA_STATEMENT = {
  configured: 'as the operator states it; nothing of it is checked',
  absent: 'not configured',
} as const;

/** The label of the sample transcripts, or why there are none. */
export const SAMPLE_STATEMENT = {
  shown: 'not covered by the audit chain; undetected identifiers may remain',
  notLogged: 'none: the policy does not log payloads, so there is no transcript to show, which is a gap',
  notStored: 'none: the policy logs payloads, but this session has none stored, which is a gap',
  againstPolicy: 'none: payloads are stored although the policy does not log them',
  passthrough: 'none: the policy passes a kind through unmasked',
  reloaded:
    'none: the policy was reloaded during the session, so a kind may have been passed through unmasked',
  unaligned: 'none: a payload is not certain to be the request with stretches replaced',
  overBound: 'none: to find what was replaced would take more steps than the length of the payloads allows',
  unmasked: 'none: nothing was replaced in the logged payloads',
  leaking: 'none: each masked text may hold an identifier, or what was masked elsewhere',
} as const;

/** The label of the samples of many sessions, or why there are none. */
export const WINDOW_SAMPLE_STATEMENT = {
  shown: SAMPLE_STATEMENT.shown,
  noSession: 'none: the window holds no session',
  nothing:
    'none: no session that was looked at has a masked text that may be shown; the report on each says why',
} as const;

/** Who can check which part, and what nothing excludes. */
export const WHO_CAN_CHECK = {
  anyone:
    'Anyone who has the entries can recompute, without any secret, their canonical bytes, their leaf hashes, the ' +
    'Merkle root over all of them (RFC 6962, SHA-256), and that each entry names the hash of the one before it.',
  audit_key:
    'A holder of the audit key can check the hash chain (HMAC-SHA256 over every entry) and the seal of a closed ' +
    'log. A holder of the key could also write a log that passes these checks.',
  database_writer:
    "Someone who can write to the database but has no audit key could still cut an open log's tail before the " +
    'next append, take the seal off a closed log so that it reads as open or unsealed and cut its tail, restore an ' +
    'older whole copy, delete whole sessions, policies or stored roots, delete or rewrite ledger rows, so that a ' +
    'false report is taken for an issued one, and change names, payloads, aggregates and whatever of a session row ' +
    'no seal covers. Only a root that was kept outside exposes a log that was cut, put back or deleted; it says ' +
    'nothing of the rest.',
  nobody: 'Nobody can prove from a log that its events were true when they were written.',
} as const;

/** The same in a deployment whose sessions, policies and reports go to a signed account log. */
export const WHO_CAN_CHECK_LOGGED = {
  anyone:
    'Anyone who has the entries can recompute, without any secret, their canonical bytes, their leaf hashes, the ' +
    'Merkle root over all of them (RFC 6962, SHA-256), and that each entry names the hash of the one before it. Anyone ' +
    'who was handed the verifier key of the account log, by another way than this report, can check that the statement ' +
    'over this report and the checkpoint of the log are signed by it, and that what this report states of the log is ' +
    'under that checkpoint.',
  audit_key: WHO_CAN_CHECK.audit_key,
  database_writer:
    "Someone who can write to the database but has no key could still cut an open log's tail before the next append, " +
    'delete or change what is not in the account log yet, and change names, payloads, aggregates and whatever of a ' +
    'session row neither a seal nor the account log covers. Exposed are, for all that is in the account log: a seal ' +
    'that was taken off, a log that was cut, a session, a policy or a report that was deleted, a report that was never ' +
    'issued, and an older copy of the database, to whoever kept a later checkpoint: a holder of another report, a ' +
    'witness, the operator in DATA_DIR. A holder of the signing key could show two logs to two people, which only ' +
    'checkpoints that they compare, or witnesses, expose.',
  nobody: WHO_CAN_CHECK.nobody,
} as const;

/** `who_can_check`, with or without an account log. */
export function whoCanCheck(hasLog: boolean) {
  return hasLog ? WHO_CAN_CHECK_LOGGED : WHO_CAN_CHECK;
}

type Source = Readonly<{ source: string; used_for: string; covered_by: string }>;

const ROW_FIELDS = 'times, from which the duration is derived, status, model, which policy was in force';
/** Where a report's contents come from, and what protects each source. */
export const SOURCES = {
  log: {
    source: 'audit log',
    used_for: 'counts, events, hashes and the root',
    covered_by: 'the hash chain, checked on this call',
  },
  sealedRow: {
    source: 'session row',
    used_for: ROW_FIELDS,
    covered_by: 'the seal, checked on this call; the model by nothing',
  },
  unsealedRow: {
    source: 'session row',
    used_for: ROW_FIELDS,
    covered_by: 'nothing, since the log has no seal',
  },
  rows: {
    source: 'session rows',
    used_for: ROW_FIELDS,
    covered_by: 'the seal of each sealed log, checked on this call; the others by nothing',
  },
  anchors: {
    source: 'session row and report ledger',
    used_for: 'anchors: roots that were stored or reported before',
    covered_by: 'nothing; the log gives each of them at its size',
  },
  accountLog: {
    source: 'account log',
    used_for: 'evidence, and a root that the log gives at its size',
    covered_by:
      'the signature of the checkpoint, checked on this call; whether it is the only log, by checkpoints kept outside',
  },
  policy: {
    source: 'stored policy',
    used_for: 'the policy text and all that is computed from it',
    covered_by: 'its SHA-256 in the session row',
  },
  names: { source: 'account and agent rows', used_for: 'names', covered_by: 'nothing' },
  payloads: { source: 'logged payloads', used_for: 'sample transcripts', covered_by: 'nothing' },
  baaChain: { source: 'BAA_CHAIN_FILE', used_for: 'the BAA chain', covered_by: 'nothing' },
} as const satisfies Record<string, Source>;

/** One column of `SOURCES`, by the name of the row. */
export function sourceWords(column: keyof Source): Record<string, string> {
  return Object.fromEntries(Object.entries(SOURCES).map(([name, row]) => [name, row[column]]));
}
