// What an export and an import carry of each stored row. Every field of a row is named here, by the type of the row: one that
// is new has to be carried, or be named as one that is not, with the reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Document } from 'mongodb';
import type { StoredAccount } from '../../shared/accounts/account-repository.ts';
import type { StoredAgent } from '../../shared/accounts/agent-repository.ts';
import type { StoredSegmentRow } from '../../shared/log-store/segment-row.ts';
import type { StoredPolicy } from '../../shared/policy/policy-repository.ts';
import type { StoredReport } from '../../shared/reports/report-row.ts';
import type { StoredPayloads } from '../../shared/sessions/session-payloads.ts';
import type { StoredSession } from '../../shared/sessions/session-row.ts';
import type { StoredLogHead, StoredLogSegment, StoredLogTile } from '../../shared/transparency/log-rows.ts';
import { bundleDir } from '../support/bundles.ts';
import { createImportWorld, type ImportWorld } from '../support/import-world.ts';
import { createSmallAccount, recordWide } from '../support/small-account.ts';

/**
 * `carried`: the same after the round trip, and in a row of the account at least once. `absent`: as `carried`, and in no row
 * of an account that is well. `left`: not carried, or made anew by the import.
 */
type Fate = 'carried' | 'absent' | 'left';
type Fates<Row> = Record<keyof Required<Row> & string, Fate>;

const ACCOUNTS: Fates<StoredAccount> = {
  ...{ _id: 'carried', name: 'carried', paper: 'carried' },
  // A deleted account takes no import.
  ...{ created_at: 'left', deleted_at: 'absent' },
};

const AGENTS: Fates<StoredAgent> = {
  ...{ _id: 'carried', account_id: 'carried', name: 'carried', policy_name: 'carried' },
  deleted_at: 'carried',
};

const POLICIES: Fates<StoredPolicy> = {
  ...{ _id: 'carried', account_id: 'carried', name: 'carried', version: 'carried', text: 'carried' },
  ...{ log_index: 'carried', log_due: 'absent', stored_at: 'left' },
};

const SESSIONS: Fates<StoredSession> = {
  ...{ _id: 'carried', account_id: 'carried', agent_id: 'carried', started_at: 'carried' },
  ...{ ended_at: 'carried', status: 'carried', upstream_model: 'carried', external_key: 'carried' },
  ...{ metadata: 'carried', policy_name: 'carried', policy_version: 'carried', policy_sha256: 'carried' },
  ...{ stage_durations_ms: 'carried', payloads: 'carried', payloads_sha256: 'carried', log: 'carried' },
  ...{ aggregate: 'carried', merkle_root_hex: 'carried', merkle_root_size: 'carried' },
  ...{ log_index: 'carried', log_due: 'absent', importing: 'absent' },
  // Of the pipeline, which does its work again, and of walks.
  ...{ changes: 'left', changed_at: 'left', stage: 'left', walked_at: 'left' },
  ...{ log_failed: 'left', log_unverifiable: 'left' },
  // What a writer stated of an end before it was sealed.
  payloads_for: 'left',
};

const PAYLOADS: Fates<StoredPayloads> = { _id: 'carried', payloads: 'carried', unsettled_since: 'left' };

const SEGMENTS: Fates<StoredSegmentRow> = {
  ...{ _id: 'carried', count: 'carried', head_hash: 'carried', closed: 'carried' },
  ...{ entries: 'carried', packed: 'carried' },
  // What a writer stated of an end before it was sealed.
  closing: 'left',
};

const REPORTS: Fates<StoredReport> = {
  ...{ _id: 'carried', account_id: 'carried', user_id: 'carried', scope: 'carried', session_id: 'carried' },
  ...{ agent_id: 'carried', since: 'carried', until: 'carried', root_hex: 'carried', size: 'carried' },
  ...{ log_state: 'carried', generated_at: 'carried', json_sha256: 'carried', format: 'carried' },
  ...{ pdf_sha256: 'carried', pdf_statement: 'carried', csv_sha256: 'carried', csv_statement: 'carried' },
  ...{ statement: 'carried', entry_statement: 'carried', log_index: 'carried', log_due: 'carried' },
};

const LOG_SEGMENTS: Fates<StoredLogSegment> = {
  ...{ _id: 'carried', account_id: 'carried', count: 'carried', entries: 'carried', signature: 'carried' },
  // Of a full segment, in place of its entries.
  packed: 'absent',
};

const LOG_TILES: Fates<StoredLogTile> = { _id: 'carried', account_id: 'carried', hashes: 'carried' };

const LOG_HEADS: Fates<StoredLogHead> = {
  ...{ _id: 'carried', marked: 'carried', checkpoint: 'carried' },
  ...{ failed: 'absent', refused: 'absent', contradictions: 'absent', due_at: 'absent' },
};

const COLLECTIONS: Readonly<Record<string, Readonly<Record<string, Fate>>>> = {
  accounts: ACCOUNTS,
  agents: AGENTS,
  policies: POLICIES,
  sessions: SESSIONS,
  session_payloads: PAYLOADS,
  audit_segments: SEGMENTS,
  reports: REPORTS,
  account_log_segments: LOG_SEGMENTS,
  account_log_tiles: LOG_TILES,
  account_logs: LOG_HEADS,
};

async function rowsOf({ db }: ImportWorld, name: string): Promise<Document[]> {
  return await db.collection(name).find().sort({ _id: 1 }).toArray();
}

test('an export, imported into an empty database, carries every field of every row', async (t) => {
  const account = await createSmallAccount(t, { bundle: bundleDir('clinic-week') });
  const { world, accountId, sessionIds } = account;
  const sessions = world.db.collection<{ _id: string }>('sessions');
  await sessions.updateOne(
    { _id: sessionIds[0]! },
    { $set: { external_key: `${accountId}/call-7`, metadata: [['team', 'night']] } },
  );
  await world.db.collection('accounts').updateOne({}, { $set: { paper: 'letter' } });
  await recordWide(account, { scope: 'account', format: 'json' });
  const dir = await account.exportTo('whole');
  const to = await createImportWorld(t);
  const imported = await to.importDir(dir);
  assert.equal(imported.code, 0, imported.stdout + imported.stderr);

  for (const [name, fates] of Object.entries(COLLECTIONS)) {
    const [before, after] = [await rowsOf(world, name), await rowsOf(to, name)];
    const isLeft = (field: string) => fates[field] === 'left';
    const kept = (row: Document) =>
      Object.fromEntries(Object.entries(row).filter(([field]) => !isLeft(field)));
    assert.ok(before.length > 0, name);
    assert.deepEqual(after.map(kept), before.map(kept), name);
    const found = new Set(before.flatMap((row) => Object.keys(row)));
    for (const field of found) assert.ok(field in fates, `${name}: what becomes of ${field}?`);
    for (const [field, fate] of Object.entries(fates)) {
      if (fate !== 'left') assert.equal(found.has(field), fate === 'carried', `${name}.${field}: ${fate}`);
    }
  }
});
