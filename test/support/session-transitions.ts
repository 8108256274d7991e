import { newId } from '../../shared/audit/ids.ts';
import { damagedRow, unknownKey } from '../../shared/audit/verdict.ts';
import * as importStates from '../../shared/sessions/import-states.ts';
import * as markStates from '../../shared/sessions/mark-states.ts';
import type { ClosedLog, CountedLog, Session } from '../../shared/sessions/session.ts';
import { type StoredSession, toSnapshot } from '../../shared/sessions/session-row.ts';
import * as states from '../../shared/sessions/session-states.ts';
import type { Transition } from '../../shared/sessions/transition.ts';
import { buildSession } from './sessions.ts';
import { withDamage, withoutKey } from './unverifiable-mark.ts';

export const NOW = new Date('2026-05-02T12:00:00.000Z');
export const BEFORE = new Date('2026-05-01T12:00:00.000Z');
export const accountId = newId('account');
export const agentId = newId('agent');
export const HEX = 'ab'.repeat(32);

export const build = (open = true) =>
  buildSession({ accountId, agentId, cookie: '' }, { startedAt: BEFORE, open });
export const counted = (size: number): CountedLog => ({
  aggregate: { ...build().aggregate, throughSeq: size - 1 },
  size,
  headHashHex: HEX,
});
export const STORED_COUNTS = {
  redaction_count: 0,
  redactions_by_kind: [],
  redactions_by_pass: [],
  rehydration_failure_count: 0,
};
export const closed: ClosedLog = {
  endedAt: NOW,
  status: 'ok',
  log: { size: 3, headHashHex: HEX, keyId: 'k', keyCheck: 'c', seal: 'ff' },
  aggregate: counted(3).aggregate,
  merkleRootHex: HEX,
};

/** A row under test: an open session's, changed. */
export function rowOf(fields: Partial<StoredSession> = {}): StoredSession {
  return { ...states.openRow(accountId, build(), null, BEFORE), ...fields };
}

export const ENDED = { ended_at: NOW } as const;
export const LOG = { size: 0, head_hash: HEX, key_id: 'k', key_check: 'c', seal: null };
export const SEALED = { ...ENDED, log: { ...LOG, seal: 'ff' } };
export const ROOTED = { ...ENDED, merkle_root_hex: HEX, merkle_root_size: 3 };
export const FAILED = { log_failed: { fault: 'gap', seq: 7, found_at: BEFORE } };
export const sessionOf = (row: StoredSession) => toSnapshot(row).session;
export const FAULT = { fault: 'altered', seq: 3 } as const;

export type Case = Readonly<{
  name: string;
  /** Rows that it moves. */
  from: readonly Partial<StoredSession>[];
  /** Rows that it leaves as they are, though it was made for a row like the first of `from`. */
  not: readonly Partial<StoredSession>[];
  make(row: StoredSession): Transition | null;
  /** Fields of a moved row; undefined for none. */
  to: Partial<Record<keyof StoredSession, unknown>>;
  /** Whether it moves a row again that it has moved. */
  again: boolean;
}>;

export const CASES: readonly Case[] = [
  {
    name: 'publishClaim',
    from: [{ importing: true }],
    not: [{}, { stage: 'done' }],
    make: ({ _id }) => importStates.publishClaim(accountId, _id, NOW),
    to: { importing: undefined, stage: undefined, changes: 1, changed_at: NOW },
    again: false,
  },
  {
    name: 'publishRetaken',
    from: [
      { importing: true },
      { importing: 1 as never, status: 'error', ...FAILED },
      { importing: true, log: { ...LOG, seal: 'ee' } },
    ],
    not: [
      {},
      ENDED,
      { importing: true, ...SEALED },
      { importing: true, log: { ...LOG, size: 10 } },
      { importing: true, ...ROOTED },
    ],
    make: (row) => {
      const log = { size: 9, headHashHex: HEX, keyId: 'k', keyCheck: 'c', seal: 'ee' };
      const session: Session = { ...sessionOf(row), status: 'ok', log };
      return importStates.publishRetaken(accountId, session, null, null, NOW);
    },
    to: {
      importing: undefined,
      status: 'ok',
      log: { ...LOG, size: 9, seal: 'ee' },
      stage: undefined,
      log_failed: undefined,
      changes: 1,
      changed_at: NOW,
    },
    again: false,
  },
  {
    name: 'publishExtension',
    from: [{}, { ...ENDED, stage: 'done', ...FAILED, ...withoutKey('k') }],
    not: [SEALED, { log: { ...LOG, size: 10 } }, ROOTED],
    make: (row) => {
      const log = { size: 9, headHashHex: HEX, keyId: 'k', keyCheck: 'c', seal: null };
      return importStates.publishExtension(
        accountId,
        { ...sessionOf(row), endedAt: NOW, log },
        null,
        null,
        NOW,
      );
    },
    to: {
      ended_at: NOW,
      log: { ...LOG, size: 9 },
      stage: undefined,
      log_failed: undefined,
      log_unverifiable: undefined,
      changed_at: NOW,
    },
    again: true,
  },
  {
    name: 'raiseLog',
    from: [{}, { stage: 'done', changes: 4 }, ENDED],
    not: [
      SEALED,
      { aggregate: { ...STORED_COUNTS, through_seq: 0 } },
      { log: { ...LOG, size: 6 } },
      { log: { ...LOG, size: '5' as never } },
    ],
    make: ({ _id, log }) =>
      states.raiseLog(accountId, _id, { throughSeq: -1, size: log.size }, counted(5), NOW),
    to: { aggregate: { ...STORED_COUNTS, through_seq: 4 }, stage: undefined, changed_at: NOW },
    again: false,
  },
  {
    name: 'recordClose',
    from: [{}, { stage: 'counted', changes: 1 }, ENDED],
    not: [SEALED],
    make: ({ _id }) => states.recordClose(accountId, _id, closed, NOW),
    to: { ended_at: NOW, status: 'ok', merkle_root_hex: HEX, merkle_root_size: 3, stage: undefined },
    again: false,
  },
  {
    name: 'markOpening',
    from: [{}, ENDED, { changes: 3, stage: 'done', ...FAILED }],
    not: [
      SEALED,
      { log: { ...build().log, ...LOG, opening: HEX } },
      { agent_id: newId('agent') },
      { started_at: NOW },
      { policy_sha256: HEX },
      { log: { ...LOG, key_id: 'k_other' } },
    ],
    make: ({ _id: id, ended_at: endedAt, status }) =>
      states.markOpening({ ...build(), id, accountId, endedAt, status }, HEX),
    to: { log: { ...rowOf().log, opening: HEX } },
    again: false,
  },
  {
    name: 'finishSession of an ended session',
    from: [ENDED, { ...ENDED, changes: 2 }, { ...ENDED, changes: 2, stage: 'done' }],
    not: [],
    make: (row) => states.finishSession(accountId, toSnapshot(row)),
    to: { stage: 'counted' },
    again: true,
  },
  {
    name: 'finishSession of an open session',
    from: [{}, { changes: 2 }],
    not: [],
    make: (row) => states.finishSession(accountId, toSnapshot(row)),
    to: { stage: 'done' },
    again: true,
  },
  {
    name: 'storeRoot',
    from: [ENDED, { ...ENDED, changes: 2, stage: 'done', ...withoutKey('k') }],
    not: [],
    make: (row) => states.storeRoot(accountId, toSnapshot(row), { ...counted(5), rootHex: HEX }, NOW),
    to: {
      merkle_root_hex: HEX,
      merkle_root_size: 5,
      aggregate: { ...STORED_COUNTS, through_seq: 4 },
      stage: 'counted',
      log_unverifiable: undefined,
      changed_at: NOW,
    },
    again: false,
  },
  {
    name: 'replaceCounts',
    from: [{}, { ...ENDED, changes: 2, stage: 'done' }],
    not: [],
    make: (row) => states.replaceCounts(accountId, toSnapshot(row), counted(5), NOW),
    to: { aggregate: { ...STORED_COUNTS, through_seq: 4 }, stage: undefined, changed_at: NOW },
    again: false,
  },
  {
    name: 'settleHour',
    from: [
      { ...ENDED, stage: 'counted' },
      { ...ENDED, stage: 'counted', changes: 2 },
    ],
    not: [ENDED, { ...ENDED, stage: 'done' }, { ...ENDED, stage: 'counted', changes: 1 }],
    make: ({ _id, changes = 0 }) => states.settleHour(accountId, { id: _id, changes }),
    to: { stage: 'done' },
    again: false,
  },
  {
    name: 'markFailed',
    from: [{}, FAILED, { log_failed: { ...FAULT, seq: 4, found_at: BEFORE } }, withoutKey('k')],
    not: [{ log_failed: { ...FAULT, found_at: BEFORE } }],
    make: ({ _id }) => markStates.markFailed(accountId, _id, FAULT, NOW),
    to: { log_failed: { ...FAULT, found_at: NOW } },
    again: false,
  },
  {
    name: 'markUnverifiable',
    from: [{}, withoutKey('k_other'), withDamage('k_lost'), FAILED],
    not: [withoutKey('k_lost'), { ...withoutKey('k_lost'), ...FAILED }],
    make: ({ _id }) => markStates.markUnverifiable(accountId, _id, unknownKey('k_lost')),
    to: withoutKey('k_lost'),
    again: false,
  },
  {
    name: 'markUnverifiable for a damaged row',
    from: [{}, withoutKey('policy_version'), withDamage('log.size'), FAILED],
    not: [withDamage('policy_version')],
    make: ({ _id }) => markStates.markUnverifiable(accountId, _id, damagedRow('policy_version')),
    to: withDamage('policy_version'),
    again: false,
  },
  {
    name: 'clearMarks',
    from: [
      { ...FAILED, stage: 'done' },
      { ...withoutKey('k'), stage: 'done', changes: 3 },
      { ...FAILED, ...withoutKey('k') },
      { ...FAILED, ...withDamage('policy_version') },
      { ...FAILED, log_unverifiable: 'x' as never },
      { log_unverifiable: null as never },
      { log_unverifiable: { reason: 'unknown_key', key_id: /x/ } as never },
      { ...withoutKey('k'), log_failed: [FAULT] as never },
      { ...withDamage('policy_version'), stage: 'done' },
    ],
    not: [
      {},
      { ...FAILED, ...withoutKey('k_other') },
      { log_failed: { ...FAILED.log_failed, seq: 8 } },
      { log_failed: { ...FAILED.log_failed, fault: 'fork' } },
      { log_failed: { ...FAILED.log_failed, found_at: NOW } },
    ],
    make: (row) => markStates.clearMarks(accountId, row._id, toSnapshot(row).marks, NOW),
    to: { log_failed: undefined, log_unverifiable: undefined, stage: undefined, changed_at: NOW },
    again: false,
  },
  {
    name: 'retryUnverifiable',
    from: [
      { ...withoutKey('k'), log: LOG, stage: 'done' },
      { ...withoutKey('k'), log: LOG, ...FAILED },
    ],
    not: [
      { log: LOG },
      { ...withoutKey('k_other'), log: LOG },
      { ...withDamage('k'), log: LOG },
      { ...withoutKey('k'), log: { ...LOG, key_check: 'd' } },
    ],
    make: () => markStates.retryUnverifiable([{ id: 'k', check: 'c' }], NOW),
    to: { log_unverifiable: undefined, stage: undefined, changed_at: NOW },
    again: false,
  },
];
