// What goes over the wire to the collections that hold evidence: every write is durable, and every read is of what a
// majority has. The tables name every method of the repositories: a new one fails this test until it is called here.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { MongoClient } from 'mongodb';
import {
  type AccessRepository,
  createAccessRepository,
} from '../../../shared/access-record/access-repository.ts';
import { listAccessAccounts } from '../../../shared/access-record/fleet-access.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { unknownKey } from '../../../shared/audit/verdict.ts';
import { listStoredLogs } from '../../../shared/log-store/fleet-segments.ts';
import type { SegmentReader } from '../../../shared/log-store/segment-reader.ts';
import type { SegmentRepository } from '../../../shared/log-store/segment-repository.ts';
import type { LogTail } from '../../../shared/log-store/segment-row.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { openMongo } from '../../../shared/mongo/connection.ts';
import { createLoggedPolicies, type LoggedPolicies } from '../../../shared/policy/logged-policies.ts';
import { createPolicyRepository, type PolicyRepository } from '../../../shared/policy/policy-repository.ts';
import {
  findIssuedReport,
  listReportedSessions,
  listStatedRows,
  listUnstatedRows,
} from '../../../shared/reports/fleet-ledger.ts';
import { createFleetReportJobs, type FleetReportJobs } from '../../../shared/reports/fleet-report-jobs.ts';
import { createLoggedReports, type LoggedReports } from '../../../shared/reports/logged-reports.ts';
import { createOldestDue, type OldestDue } from '../../../shared/reports/oldest-due.ts';
import { createReportJobs, type ReportJobs } from '../../../shared/reports/report-jobs.ts';
import { createReportLedger, type ReportLedger } from '../../../shared/reports/report-ledger.ts';
import type { ReportJobOrder } from '../../../shared/reports/report-order.ts';
import type { LedgerEntry } from '../../../shared/reports/report-row.ts';
import { type AccountFindings, createAccountFindings } from '../../../shared/sessions/account-findings.ts';
import { createFleetPayloads, type FleetPayloads } from '../../../shared/sessions/fleet-payloads.ts';
import { createFleetSessions, type FleetSessions } from '../../../shared/sessions/fleet-sessions.ts';
import { createKeyScopeRepository, type KeyScopeRepository } from '../../../shared/sessions/key-scopes.ts';
import { createKeyUseRepository, type KeyUseRepository } from '../../../shared/sessions/key-uses.ts';
import { createLoggedSessions, type LoggedSessions } from '../../../shared/sessions/logged-sessions.ts';
import { countUnmarked, listUnmarked, markUnmarked } from '../../../shared/sessions/mark-openings.ts';
import { createPolicyUses, type PolicyUses } from '../../../shared/sessions/policy-uses.ts';
import { renameOldFields } from '../../../shared/sessions/rename-old-fields.ts';
import type { Session, SessionSnapshot } from '../../../shared/sessions/session.ts';
import { createSessionGauges, type SessionGauges } from '../../../shared/sessions/session-gauges.ts';
import { createPayloadStore, type PayloadStore } from '../../../shared/sessions/session-payloads.ts';
import {
  createSessionRepository,
  type SessionRepository,
} from '../../../shared/sessions/session-repository.ts';
import {
  createSessionSumRepository,
  type SessionSumRepository,
} from '../../../shared/sessions/session-sums.ts';
import { createFleetLogs } from '../../../shared/transparency/fleet-logs.ts';
import { createVerifyDeps, verifyHere } from '../../../workers/logs/verify-session.ts';
import { accessEvent } from '../../support/access-rows.ts';
import { createLogWorld, createWriter, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { draftsWithIds } from '../../support/draft-events.ts';
import { TEST_IDENTITY } from '../../support/evidence-facts.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DURABLE = { w: 'majority', j: true, wtimeout: 10_000 };
const WRITES = new Set(['insert', 'update', 'delete', 'findAndModify']);
const READS = new Set(['find', 'aggregate', 'count', 'distinct']);
const EVIDENCE = new Set([
  ...['sessions', 'session_payloads', 'audit_segments', 'reports', 'policies', 'access_log'],
]);

const world = await createLogWorld({ after });
// Nothing of the client's own: whoever writes with the library may have opened it in any way.
const client = new MongoClient(world.database.uri, { monitorCommands: true, writeConcern: { w: 1 } });
after(() => client.close());
const db = client.db(world.database.name);

const PAYLOADS = { request: null, masked: null, response: null };

/** What a close packs is proved by its own swap, and a row that only the primary has makes its writer wait. */
const LATEST: Readonly<Record<string, string[]>> = {
  segments: ['find audit_segments local'],
  sessions: ['find sessions local'],
};

type Sent = Readonly<{ name: string; collection: string; command: Record<string, unknown> }>;
let sent: Sent[] = [];
client.on('commandStarted', ({ commandName: name, command }) => {
  sent.push({ name, collection: String(command[name]), command });
});

/** The commands that this work sends to collections of evidence. */
async function watch(work: () => Promise<unknown>): Promise<Sent[]> {
  sent = [];
  await work();
  return sent.filter(({ collection }) => EVIDENCE.has(collection));
}

/** Reads of what the primary has; every other read is of what a majority has. */
function latestReads(commands: readonly Sent[]): string[] {
  const latest = new Set<string>();
  for (const { name, collection, command } of commands) {
    if (WRITES.has(name)) assert.deepEqual(command.writeConcern, DURABLE, `${name} ${collection}`);
    else if (READS.has(name)) {
      const { level } = (command.readConcern ?? {}) as { level?: string };
      if (level !== 'majority') latest.add(`${name} ${collection} ${level}`);
    } else assert.ok(name === 'getMore', `${name} ${collection} is neither a read nor a write`);
  }
  return [...latest];
}

type Calls<Repository> = { [Method in keyof Repository]: () => unknown };

async function callAll(calls: Record<string, () => unknown>): Promise<void> {
  for (const [method, call] of Object.entries(calls)) {
    const before = sent.length;
    const result: unknown = await call();
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      await Array.fromAsync(result as AsyncIterable<unknown>);
    }
    assert.ok(sent.length > before, `${method} asked nothing of the database`);
  }
}

describe('a read or write of evidence', () => {
  it('every method of the repositories writes durably and reads what a majority has', async () => {
    const session = await writeSession(world, 5, { seal: false });
    const { accountId, id } = session;
    const snapshot = (await world.sessions.findSnapshot(accountId, id)) as SessionSnapshot;
    const ended: SessionSnapshot = { ...snapshot, session: { ...session, endedAt: new Date() } };
    const fresh = (): Session => ({ ...session, id: newId('session') });
    const head = { size: 5, headHashHex: session.log.headHashHex, aggregate: session.aggregate };
    const sums = createSessionSumRepository(db);
    const segments = createWriter(db).audit;
    const range = { since: new Date(0), until: new Date(Date.now() + 60_000) };
    const tail: LogTail = {
      ...{ index: 0, count: 5, headHashHex: session.log.headHashHex },
      ...{ closed: false, closing: null, lastEntry: null, damaged: null },
    };
    const failed = { status: 'failed', fault: 'gap', seq: 1, expected: null, calculated: null } as const;
    const policy = { name: 'p', version: 1, text: 'x', sha256Hex: 'f'.repeat(64) };
    const repository = createSessionRepository(db);
    const ledger = createReportLedger(db);
    const policies = createPolicyRepository(db);
    const fleet = createFleetSessions(db);
    const payloadStore = createPayloadStore(db);
    const fleetPayloads = createFleetPayloads(db);
    const gauges = createSessionGauges(db);
    const oldestDue = createOldestDue(db);
    const keyUses = createKeyUseRepository(db);
    const keyScopes = createKeyScopeRepository(db);
    const bound = { accountIds: [newId('account')], notBefore: null, notAfter: new Date(0) };
    const keys = [{ keyId: session.log.keyId, keyCheck: session.log.keyCheck, scope: bound }];
    const { reader } = createWriter(db);
    const findings = createAccountFindings(db);
    const policyUses = createPolicyUses(db);
    const loggedSessions = createLoggedSessions(db);
    const loggedPolicies = createLoggedPolicies(db);
    const loggedReports = createLoggedReports(db);
    const reportJobs = createReportJobs(db, null);
    const fleetJobs = createFleetReportJobs(db);
    const accessRows = createAccessRepository(db);
    const accessRow = {
      ...accessEvent(0),
      ...{ account: accountId, seq: 0, keyId: null, keyCheck: null },
      ...{ prevHashHex: 'ab'.repeat(32), thisHashHex: 'cd'.repeat(32) },
    };
    const anyAccess = { action: null, user: null, token: null, subject: null, after: null };
    const now = new Date();
    const ordered = jobOf(newId('report'));
    const composed = {
      ...{ rootHex: 'ab'.repeat(32), size: 1, generatedAt: now, jsonSha256Hex: 'cd'.repeat(32) },
      ...{ pdfSha256Hex: null, pdfStatement: null, statement: null },
      ...{ fileId: 'f', bytes: 1, sha256Hex: 'ef'.repeat(32) },
    };

    const tables = {
      segments: {
        findTailOfShort: () => segments.findTailOfShort(accountId, id, 'durable'),
        findTail: () => segments.findTail(accountId, id, 0),
        readEntries: () => segments.readEntries(accountId, id, 0),
        extendTail: () => segments.extendTail(accountId, id, tail, [], tail.headHashHex),
        insertSegment: () => segments.insertSegment(accountId, id, 0, [], tail.headHashHex),
        closeTail: () => segments.closeTail(accountId, id, { ...tail, count: 99 }),
      } satisfies Partial<Calls<SegmentRepository>>,
      reader: {
        read: () => reader.read(accountId, id, [0]),
        readFirst: () => reader.readFirst(accountId, [id], 2),
        list: () => reader.list(accountId, id),
      } satisfies Partial<Calls<SegmentReader>>,
      accessRows: {
        insert: () => accessRows.insert(accountId, [accessRow]),
        listNewest: () => accessRows.listNewest(accountId, 1),
        findPlaces: () => accessRows.findPlaces(accountId, [0]),
        findHash: () => accessRows.findHash(accountId, 0),
        countStored: () => accessRows.countStored(accountId, [accessRow]),
        list: () => accessRows.list(accountId, { ...range, ...anyAccess, limit: 5 }),
        walk: () => accessRows.walk(accountId),
      } satisfies Partial<Calls<AccessRepository>>,
      ledger: {
        record: () => ledger.record(accountId, entryOf(session)),
        find: () => ledger.find(accountId, newId('report')),
        listByHash: () => ledger.listByHash(accountId, 'ab'.repeat(32), 5, () => true),
        reportedAnchors: () => ledger.reportedAnchors(accountId, id),
        weighedAnchors: () => ledger.weighedAnchors(TEST_IDENTITY, accountId, id),
        reportedAnchorsOf: () => ledger.reportedAnchorsOf(accountId, [id]),
        list: () => ledger.list(accountId, { after: null, limit: 5 }),
      } satisfies Partial<Calls<ReportLedger>>,
      policies: {
        insert: async () => {
          await policies.insert(accountId, policy);
          await policies.insert(accountId, policy);
        },
        outcomeOf: () => policies.outcomeOf(accountId, policy),
        find: () => policies.find(accountId, policy.sha256Hex),
        findVersion: () => policies.findVersion(accountId, 'p', 1),
        findSummary: () => policies.findSummary(accountId, policy.sha256Hex),
        list: () => policies.list(accountId, { after: null, limit: 5 }),
      } satisfies Partial<Calls<PolicyRepository>>,
      sums: {
        findFirstStart: () => sums.findFirstStart(accountId, range),
        listHours: () => sums.listHours(accountId, range),
        readEnded: () => sums.readEnded(accountId, [range]),
        readEndedByStart: () => sums.readEndedByStart(accountId, newId('agent')),
        settle: () => sums.settle(accountId, [{ id, changes: 99 }]),
      } satisfies Partial<Calls<SessionSumRepository>>,
      gauges: {
        findOldestChange: () => gauges.findOldestChange(),
        findOldestWalk: () => gauges.findOldestWalk(),
        countAll: () => gauges.countAll(),
        countLogs: () => gauges.countLogs(),
      } satisfies Partial<Calls<SessionGauges>>,
      oldestDue: {
        findEntry: () => oldestDue.findEntry(),
        findReport: () => oldestDue.findReport(),
      } satisfies Partial<Calls<OldestDue>>,
      keyUses: {
        find: () => keyUses.find(),
        countOf: () => keyUses.countOf(accountId),
        recount: () => keyUses.recount(),
        keepCounted: () => keyUses.keepCounted(),
        hasOthers: () => keyUses.hasOthers([]),
      } satisfies Partial<Calls<KeyUseRepository>>,
      keyScopes: {
        hasOutside: () => keyScopes.hasOutside(keys),
        listOutside: () => keyScopes.listOutside(keys),
      } satisfies Partial<Calls<KeyScopeRepository>>,
      payloadStore: {
        // Stored again, it is kept from the sweep.
        store: async () => {
          await payloadStore.store(accountId, id, PAYLOADS);
          await payloadStore.store(accountId, id, PAYLOADS);
        },
        unsettle: () => payloadStore.unsettle(accountId, id, 'ab'.repeat(32)),
        read: async () => {
          const named = await payloadStore.store(accountId, id, PAYLOADS);
          await payloadStore.read(accountId, { _id: id, payloads: null, payloads_sha256: named });
        },
      } satisfies Partial<Calls<PayloadStore>>,
      fleetPayloads: {
        findNamed: () => fleetPayloads.findNamed([`${accountId}/${id}/x`]),
        settle: () => fleetPayloads.settle(new Date(Date.now() + 60_000), 5),
        list: () => fleetPayloads.list(),
        listNaming: () => fleetPayloads.listNaming(),
        findStored: () => fleetPayloads.findStored([`${accountId}/${id}/x`]),
      } satisfies Partial<Calls<FleetPayloads>>,
      fleet: {
        findOwner: () => fleet.findOwner(id),
        hasRow: () => fleet.hasRow(id),
        findStored: () => fleet.findStored([{ accountId, sessionId: id }]),
        listUnfinishedImports: () => fleet.listUnfinishedImports(new Date()),
        listMisnamed: () => fleet.listMisnamed(),
        listPolicyUses: () => fleet.listPolicyUses(),
        listAgentUses: () => fleet.listAgentUses(),
        countAll: () => fleet.countAll(),
        listSelected: () => fleet.listSelected({ accountId }, null, 5),
        countHidden: () => fleet.countHidden(accountId),
        sumChanges: () => fleet.sumChanges(accountId),
        countSelected: () => fleet.countSelected({ accountId }),
        listDue: () => fleet.listDue(null, 5),
        listOpen: () => fleet.listOpen(null, 5),
        listEnded: () => fleet.listEnded(null, 5),
        listMarked: () => fleet.listMarked(new Date(), null, 5),
        listEndedFrom: () => fleet.listEndedFrom(id, 5),
        retryUnverifiable: () => fleet.retryUnverifiable([{ id: 'k', check: '0' }]),
      } satisfies Partial<Calls<FleetSessions>>,
      loggedSessions: {
        listDue: () => loggedSessions.listDue(accountId, null, 5),
        findLogged: () => loggedSessions.findLogged(accountId, [id]),
        largestNamed: () => loggedSessions.largestNamed(accountId),
        nameEntry: () => loggedSessions.nameEntry(accountId, { sessionId: id, seen: null, index: 9 }),
        markLogged: () =>
          loggedSessions.markLogged(accountId, [{ sessionId: id, rootHex: 'f'.repeat(64), index: 9 }]),
        makeDue: () => loggedSessions.makeDue(accountId, null, 5),
        countNamedBelow: () => loggedSessions.countNamedBelow(accountId, 9),
        listNamedBelow: () => Array.fromAsync(loggedSessions.listNamedBelow(accountId, 9)),
        listNamedFrom: () => Array.fromAsync(loggedSessions.listNamedFrom(accountId, 0, 9)),
        forgetEntry: () => loggedSessions.forgetEntry(accountId, { id, index: 9 }),
        countHidden: () => loggedSessions.countHidden(accountId),
        countUnlogged: () => loggedSessions.countUnlogged(accountId, new Date()),
      } satisfies Partial<Calls<LoggedSessions>>,
      loggedPolicies: {
        readDue: () => Array.fromAsync(loggedPolicies.readDue(accountId)),
        findLogged: () => loggedPolicies.findLogged(accountId, [policy.sha256Hex]),
        largestNamed: () => loggedPolicies.largestNamed(accountId),
        markLogged: () => loggedPolicies.markLogged(accountId, [{ sha256Hex: policy.sha256Hex, index: 9 }]),
        makeDue: () => loggedPolicies.makeDue(accountId),
        countUnlogged: () => loggedPolicies.countUnlogged(accountId),
        countNamedBelow: () => loggedPolicies.countNamedBelow(accountId, 9),
        listNamedBelow: () => Array.fromAsync(loggedPolicies.listNamedBelow(accountId, 9)),
        listNamedFrom: () => Array.fromAsync(loggedPolicies.listNamedFrom(accountId, 0, 9)),
        forgetEntry: () => loggedPolicies.forgetEntry(accountId, { id, index: 9 }),
      } satisfies Partial<Calls<LoggedPolicies>>,
      loggedReports: {
        readDue: () => Array.fromAsync(loggedReports.readDue(accountId)),
        findLogged: () => loggedReports.findLogged(accountId, [newId('report')]),
        largestNamed: () => loggedReports.largestNamed(accountId),
        markLogged: () => loggedReports.markLogged(accountId, [{ reportId: newId('report'), index: 9 }]),
        nameEntry: () => loggedReports.nameEntry(accountId, { reportId: newId('report'), index: 9 }),
        makeDue: () => loggedReports.makeDue(accountId),
        countUnlogged: () => loggedReports.countUnlogged(accountId),
        countNamedBelow: () => loggedReports.countNamedBelow(accountId, 9),
        listNamedBelow: () => Array.fromAsync(loggedReports.listNamedBelow(accountId, 9)),
        listNamedFrom: () => Array.fromAsync(loggedReports.listNamedFrom(accountId, 0, 9)),
        forgetEntry: () => loggedReports.forgetEntry(accountId, { id, index: 9 }),
      } satisfies Partial<Calls<LoggedReports>>,
      findings: {
        count: () => findings.count(accountId, range),
        list: () => findings.list(accountId, 5),
        findOldestChange: () => findings.findOldestChange(accountId),
      } satisfies Partial<Calls<AccountFindings>>,
      policyUses: {
        findNewest: () => policyUses.findNewest(accountId, session.agentId),
      } satisfies Partial<Calls<PolicyUses>>,
      reportJobs: {
        insert: () => reportJobs.insert(accountId, ordered, now),
        find: () => reportJobs.find(accountId, ordered.id),
        list: () => reportJobs.list(accountId, 5),
        findReady: () => reportJobs.findReady(accountId, [ordered.id], now),
        countUnfinished: () => reportJobs.countUnfinished(accountId),
        withdraw: () => reportJobs.withdraw(accountId, newId('report')),
        begin: () => reportJobs.begin(accountId, ordered.id, now),
        isRunning: () => reportJobs.isRunning(accountId, ordered.id),
        writeProgress: () =>
          reportJobs.writeProgress(accountId, ordered.id, {
            stage: 'walking',
            done: 1,
            total: 2,
            startedAt: now,
            at: now,
          }),
        settle: () => reportJobs.settle(accountId, ordered.id, composed),
        finish: () => reportJobs.finish(accountId, ordered.id, now, now),
        fail: () => reportJobs.fail(accountId, ordered.id, { code: 'x', reason: null, message: 'x' }, now),
        cancelUnfinished: () => reportJobs.cancelUnfinished(accountId, ordered.id, now),
        cancel: () => reportJobs.cancel(accountId, ordered.id, now),
      } satisfies Partial<Calls<ReportJobs>>,
      fleetJobs: {
        listIdle: () => fleetJobs.listIdle(now, now, 5),
        listOdd: () => Array.fromAsync(fleetJobs.listOdd()),
        expire: () => fleetJobs.expire(now, 5),
        listToClean: () => fleetJobs.listToClean(now, 5),
        noteCleaned: () => fleetJobs.noteCleaned({ accountId, reportId: ordered.id }, now),
      } satisfies Partial<Calls<FleetReportJobs>>,
      sessions: {
        find: () => repository.find(accountId, id),
        findByExternalId: () => repository.findByExternalId(accountId, 'e'),
        isBehind: () => repository.isBehind(accountId, id),
        keepPayloads: () =>
          repository.keepPayloads(accountId, newId('session'), PAYLOADS, { endedAt: now, status: 'ok' }),
        unsettlePayloads: () => repository.unsettlePayloads(accountId, newId('session'), PAYLOADS),
        listByRoot: () => repository.listByRoot(accountId, 'ab'.repeat(32), 5),
        findSnapshot: () => repository.findSnapshot(accountId, id),
        findSnapshots: () => repository.findSnapshots(accountId, [id]),
        listStarted: () => repository.listStarted(accountId, { ...range, agentId: null }),
        countStarted: () => repository.countStarted(accountId, { ...range, agentId: null }),
        exists: () => repository.exists(accountId, id),
        findPayloads: () => repository.findPayloads(accountId, id),
        list: () => repository.list(accountId, { ...range, minRedactions: 0, after: null, limit: 5 }),
        insert: () => repository.insert(accountId, fresh(), null),
        raiseLog: () => repository.raiseLog(accountId, id, { throughSeq: 4, size: 5 }, head),
        claimImport: () => repository.claimImport(accountId, fresh(), null),
        publishClaim: () => repository.publishClaim(accountId, id),
        publishRetaken: () => repository.publishRetaken(accountId, session, null, 'f'.repeat(64)),
        publishExtension: () => repository.publishExtension(accountId, session, null, 'f'.repeat(64)),
        noteWalk: () => repository.noteWalk(accountId, id),
        markFailed: () => repository.markFailed(accountId, id, failed),
        markUnverifiable: () => repository.markUnverifiable(accountId, id, unknownKey('k_lost')),
        clearMarks: () =>
          repository.clearMarks(accountId, id, { failed: null, unverifiable: unknownKey('k_other') }),
        finishSession: () => repository.finishSession(accountId, snapshot),
        storeRoot: () => repository.storeRoot(accountId, ended, { ...head, rootHex: 'f'.repeat(64) }),
        replaceCounts: () => repository.replaceCounts(accountId, snapshot, head),
        recordClose: () =>
          repository.recordClose(accountId, newId('session'), {
            ...{ endedAt: new Date(), status: 'ok', stageDurationsMs: undefined },
            ...{ log: session.log, aggregate: session.aggregate, merkleRootHex: 'f'.repeat(64) },
          }),
      } satisfies Partial<Calls<SessionRepository>>,
    };
    const repositories = {
      segments,
      reader,
      ledger,
      policies,
      sums,
      gauges,
      oldestDue,
      keyUses,
      keyScopes,
      payloadStore,
      fleetPayloads,
      fleet,
      loggedSessions,
      loggedPolicies,
      loggedReports,
      findings,
      policyUses,
      reportJobs,
      fleetJobs,
      accessRows,
      sessions: repository,
    };
    for (const [name, calls] of Object.entries(tables)) {
      const methods = Object.keys(repositories[name as keyof typeof repositories]).sort();
      const commands = await watch(() => callAll(calls));
      assert.deepEqual(latestReads(commands), LATEST[name] ?? [], name);
      assert.deepEqual(Object.keys(calls).sort(), methods, `the methods of ${name}`);
    }
  });

  it('the lists of all accounts, the rename of old fields and the marks of openings do so too', async () => {
    const unmarked = await writeSession(world, 1, { seal: false });
    await db
      .collection('sessions')
      .updateOne({ _id: unmarked.id as never }, { $unset: { 'log.opening': '' } });
    await db.collection('sessions').createIndex({ 'log_wrong.found_at': 1 });
    const commands = await watch(async () => {
      await Array.fromAsync(listStoredLogs(db));
      await Array.fromAsync(listReportedSessions(db));
      await findIssuedReport(db, newId('report'));
      await Array.fromAsync(listStatedRows(db));
      await Array.fromAsync(listUnstatedRows(db));
      await createFleetLogs(db).listStored();
      await renameOldFields(db);
      await countUnmarked(db);
      for await (const { session } of listUnmarked(db, world.keyring, null)) {
        await markUnmarked(db, world.keyring, session);
      }
      await listAccessAccounts(db).next();
    });
    const named = commands.filter(({ name }) => READS.has(name) || WRITES.has(name));
    // Three of them are asked at once, in no order.
    assert.deepEqual(named.map(({ name, collection }) => `${name} ${collection}`).toSorted(), [
      ...['aggregate policies', 'aggregate reports', 'aggregate sessions', 'aggregate sessions'],
      'find access_log',
      ...['find audit_segments', 'find reports', 'find reports', 'find reports', 'find reports'],
      ...['find sessions', 'update sessions', 'update sessions'],
    ]);
    assert.deepEqual(latestReads(named), []);
  });

  it('a walk reads row, ledger and segments from a majority', async () => {
    const session = await writeSession(world, 300);
    const commands = await watch(async () => {
      const order = {
        accountId: session.accountId,
        sessionId: session.id,
        anchors: [],
        until: null,
        listed: 9,
      };
      const evidence = await verifyHere(createVerifyDeps(db, [TEST_KEY]), order);
      assert.equal(evidence?.verdict.status, 'verified');
    });
    assert.deepEqual(
      new Set(commands.map(({ collection }) => collection)),
      new Set(['sessions', 'reports', 'audit_segments', 'policies']),
    );
    assert.deepEqual(latestReads(commands), []);
  });

  it('a writer reads what the primary has only for the tail that its own swap proves', async () => {
    const writer = createWriter(db);
    const commands = await watch(() => writeSession(writer, 300));
    assert.deepEqual(latestReads(commands), ['find audit_segments local']);
    const session = await writeSession(world, 3, { seal: false });
    const repeated = await watch(async () => {
      await appendEvents(writer, session.accountId, session.id, draftsWithIds(2));
    });
    assert.deepEqual(latestReads(repeated), []);
  });

  it('a connection of the program writes durably to every collection, whatever its URI says', async (t) => {
    const uri = new URL(world.database.uri);
    uri.search = '?w=1&wtimeoutMS=1&journal=true&readConcernLevel=available';
    const mongo = openMongo(uri.href, world.database.name);
    t.after(() => mongo.close());
    const { writeConcern, readPreference } = mongo.db.collection('logins');
    assert.deepEqual(
      [writeConcern?.w, writeConcern?.journal, writeConcern?.wtimeoutMS],
      ['majority', true, 10_000],
    );
    assert.equal(readPreference?.mode, 'primary');
  });

  it('collections are opened here alone, but for those that hold no evidence', () => {
    const opening = ['api', 'workers', 'shared', 'scripts']
      .flatMap((part) => globSync(`${part}/**/*.ts`, { cwd: ROOT }))
      .filter((file) => !file.startsWith('scripts/bench/'))
      .filter((file) => /\.collection[(<]/.test(readFileSync(join(ROOT, file), 'utf8')));
    assert.deepEqual(opening.sort(), [
      'shared/accounts/account-repository.ts',
      'shared/accounts/agent-repository.ts',
      'shared/accounts/login-repository.ts',
      'shared/accounts/sign-in-links.ts',
      'shared/accounts/token-repository.ts',
      'shared/accounts/user-repository.ts',
      'shared/aggregates/fleet-hours.ts',
      'shared/aggregates/hour-repository.ts',
      'shared/mongo/evidence.ts',
      'shared/process/ensure-indexes.ts',
      'shared/sessions/key-uses.ts',
      'shared/sessions/verify-rounds.ts',
      'shared/transparency/log-places.ts',
      'shared/webhooks/delivery-repository.ts',
      'shared/webhooks/fleet-deliveries.ts',
      'shared/webhooks/message-gauges.ts',
      'shared/webhooks/webhook-repository.ts',
    ]);
  });
});

function jobOf(id: string): ReportJobOrder {
  const window = { since: new Date(0), until: new Date(), tz: 'UTC', period: null };
  const subject = { scope: 'account', window } as const;
  const asked = { userId: 'usr_1', userName: 'Ada', paper: 'a4' } as const;
  return { id, ...asked, subject, exceptions: 'list', format: 'json' };
}

function entryOf({ id: sessionId, startedAt: since, log: { size } }: Session): LedgerEntry {
  return {
    id: newId('report'),
    userId: 'usr_1',
    scope: 'session',
    sessionId,
    since,
    until: null,
    rootHex: 'ab'.repeat(32),
    size,
    logState: 'open',
    pdfSha256Hex: null,
    pdfStatement: null,
    format: 'json',
    statement: null,
    generatedAt: new Date(),
    jsonSha256Hex: 'cd'.repeat(32),
  };
}
