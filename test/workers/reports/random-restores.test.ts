// Somebody with the database puts any part of it back to an older copy, at any moment, while sessions are written, ended,
// logged and reported. Whatever is reported later agrees with every entry that a signed checkpoint has covered. With FAULT_ROUNDS,
// as `npm run test:faults` sets it, more and longer runs.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { newId } from '../../../shared/audit/ids.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import { createReportSigner } from '../../../shared/reports/report-signer.ts';
import { readAboutSession } from '../../../shared/reports/session-evidence.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { openCheckpointMemory } from '../../../shared/transparency/checkpoint-memory.ts';
import { createLogHeads } from '../../../shared/transparency/log-heads.ts';
import { issueSession, issueWide, type WideOrder } from '../../../workers/reports/pool.ts';
import { NEVER, naiveRootHex } from '../../support/account-logs.ts';
import { draftEvent, startSession } from '../../support/audit-world.ts';
import { createLoggedWorld } from '../../support/logged-world.ts';
import { ASKER } from '../../support/report-facts.ts';
import { readTexts } from '../../support/segments.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 4);
const STEPS = process.env.FAULT_ROUNDS === undefined ? 14 : 30;
const SESSIONS = 2;

const { world, logs, pool } = await createLoggedWorld({ after });

/** What somebody puts back: the filter of an account's documents in each collection. */
const PARTS = {
  sessions: (accountId: string) => ({ account_id: accountId }),
  audit_segments: (accountId: string) => ({ _id: new RegExp(`^${accountId}/`) }),
  reports: (accountId: string) => ({ account_id: accountId }),
  account_log_places: (accountId: string) => ({ _id: new RegExp(`^${accountId}`) }),
  account_log_segments: (accountId: string) => ({ _id: new RegExp(`^${accountId}/`) }),
  account_logs: (accountId: string) => ({ _id: accountId }),
};
type Part = keyof typeof PARTS;
type Copy = Readonly<Record<Part, readonly object[]>>;
const PART_NAMES = Object.keys(PARTS) as Part[];

async function copyOf(accountId: string): Promise<Copy> {
  const copies = PART_NAMES.map(async (part) => [
    part,
    await world.db
      .collection(part)
      .find(PARTS[part](accountId) as object)
      .toArray(),
  ]);
  return Object.fromEntries(await Promise.all(copies)) as Copy;
}

async function putBack(accountId: string, copy: Copy, parts: readonly Part[]): Promise<void> {
  for (const part of parts) {
    const rows = world.db.collection(part);
    await rows.deleteMany(PARTS[part](accountId) as object);
    if (copy[part].length > 0) await rows.insertMany(copy[part].map((row) => ({ ...row })));
  }
}

/** What a checkpoint covers of a session. */
type Covered = Readonly<{ size: number; rootHex: string; isSealed: boolean }>;
/** What a report states of a session. */
type Stated = Readonly<{ id: string; size: number; rootHex: string; state: string }>;

/** A machine of the service that knows of checkpoints what its file says, and what is stored. */
class Account {
  readonly id = newId('account');
  readonly sessionIds: string[] = [];
  /** By session. */
  readonly #covered = new Map<string, Covered[]>();
  /** Entries of the account log that were looked at. */
  readonly #logged = new Set<string>();
  /** What ended sessions had, by root. */
  readonly #ended = new Map<string, readonly string[]>();
  readonly #copies: Copy[] = [];
  #deps = this.#restarted();
  #wasAttacked = false;

  #restarted() {
    const { signing, dataDir } = logs;
    const checkpointMemory = openCheckpointMemory(world.db, signing.identity, dataDir);
    return {
      ...{ pool, ledger: createReportLedger(world.db), recordOutcome: async () => {}, checkpointMemory },
      signStatement: createReportSigner(signing, createLogHeads(world.db), checkpointMemory),
    };
  }

  async start(): Promise<void> {
    for (let i = 0; i < SESSIONS; i += 1) {
      const { id } = await startSession(world, this.id);
      await appendEvents(world, this.id, id, [draftEvent(0)]);
      this.sessionIds.push(id);
    }
    this.#copies.push(await copyOf(this.id));
  }

  restart(): void {
    this.#deps = this.#restarted();
  }

  async copy(): Promise<void> {
    this.#copies.push(await copyOf(this.id));
  }

  async putBack(at: number, parts: readonly Part[]): Promise<void> {
    this.#wasAttacked = true;
    await putBack(this.id, this.#copies[at % this.#copies.length] as Copy, parts);
  }

  /** Removes what names entries of the account log from the rows of sessions. */
  async forgetEntries(): Promise<void> {
    this.#wasAttacked = true;
    await world.db
      .collection('sessions')
      .updateMany({ account_id: this.id }, { $unset: { log_index: '', log_due: '' } });
  }

  async append(at: number, count: number): Promise<void> {
    const drafts = Array.from({ length: count }, (_, i) => draftEvent(i));
    await this.#unlessRefused(() => appendEvents(world, this.id, this.sessionIds[at] as string, drafts));
  }

  async end(at: number): Promise<void> {
    const id = this.sessionIds[at] as string;
    const end = { endedAt: new Date(), status: 'ok' } as const;
    if (!(await this.#unlessRefused(() => closeLog(world, this.id, id, end)))) return;
    const texts = await readTexts(world.db, { accountId: this.id, id });
    this.#ended.set(naiveRootHex(texts), texts);
  }

  async keep(): Promise<void> {
    const { failed } = await logs.logs.keep(this.id, NEVER);
    if (!this.#wasAttacked) assert.equal(failed, null);
    if (failed !== null) return;
    for (const text of await logs.textsOf(this.id)) {
      const sessionId = this.sessionIds.find((id) => text.includes(id));
      const entry = sessionId ? readAboutSession(text, { accountId: this.id, sessionId }) : null;
      if (!sessionId || !entry || this.#logged.has(text)) continue;
      this.#logged.add(text);
      const { size, merkle_root_hex: rootHex } = entry;
      const isSealed = entry.kind === 'session_closed' && entry.seal !== null;
      const known = this.#covered.get(sessionId) ?? [];
      const ended = isSealed ? this.#ended.get(rootHex) : undefined;
      if (ended) assertExtends({ id: sessionId, size, rootHex, state: 'sealed' }, ended, known);
      this.#covered.set(sessionId, [...known, { size, rootHex, isSealed }]);
    }
  }

  async report(at: number): Promise<void> {
    const sessionId = this.sessionIds[at] as string;
    const order = { accountId: this.id, sessionId, baaChainText: null, issuedTo: ASKER } as const;
    const json = await this.#unlessRefused(() =>
      issueSession(this.#deps, { ...order, format: 'json' }, { place: null, signal: NEVER }),
    );
    if (!json) return;
    const { report } = JSON.parse(Buffer.from(json).toString());
    const { event_count: size, state } = report.audit_log;
    await this.#check({ id: sessionId, size, rootHex: report.merkle_root_hex, state });
  }

  async reportAll(): Promise<void> {
    const [since, until] = [-DAY_MS, DAY_MS].map((ms) => new Date(Date.now() + ms)) as [Date, Date];
    const order: WideOrder = {
      ...{
        accountId: this.id,
        subject: { scope: 'account', window: { since, until, tz: 'UTC', period: null } },
      },
      ...{ exceptions: 'list', format: 'json', baaChainText: null, issuedTo: ASKER, sessionsLimit: 9 },
    };
    const issued = await this.#unlessRefused(() =>
      issueWide(this.#deps, order, { place: null, signal: NEVER }),
    );
    if (!issued) return;
    const { report } = JSON.parse(Buffer.from(issued.bytes).toString());
    for (const { id, entries: size, root_hex: rootHex, state } of report.sessions) {
      await this.#check({ id, size, rootHex, state });
    }
    const named = [report.sessions, report.exceptions].flat().map(({ id, session_id }) => id ?? session_id);
    const told = [...named, ...report.completeness.sessions_missing];
    for (const [id, covered] of this.#covered) {
      const isClosed = covered.some(({ isSealed }) => isSealed);
      if (isClosed) assert.ok(told.includes(id), `${id} was left out`);
    }
  }

  async #check(stated: Stated): Promise<void> {
    const texts = await readTexts(world.db, { accountId: this.id, id: stated.id });
    assertExtends(stated, texts, this.#covered.get(stated.id) ?? []);
  }

  /** Null where the service refuses, as it may once something was put back. */
  async #unlessRefused<Result>(act: () => Promise<Result>): Promise<Result | null> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof AppError && (this.#wasAttacked || error.code === 'session_closed')) return null;
      throw error;
    }
  }
}

/** A log of these texts is as stated, and continues all that was covered before. */
function assertExtends(
  { id, size, rootHex, state }: Stated,
  texts: readonly string[],
  before: readonly Covered[],
): void {
  const rootAt = (count: number) => naiveRootHex(texts.slice(0, count));
  assert.equal(rootAt(size), rootHex);
  for (const covered of before) {
    assert.ok(size >= covered.size, `${id}: ${size} entries, and ${covered.size} were covered`);
    assert.equal(rootAt(covered.size), covered.rootHex, `${id}: another log at ${covered.size}`);
    if (covered.isSealed) assert.deepEqual([state, size], ['sealed', covered.size]);
  }
}

type Act = (account: Account) => Promise<void> | void;
type Step = Readonly<{ name: string; act: Act }>;

/** A step that a counterexample shows by its name. */
function stepOf(name: string, act: Act): Step {
  return { name, act, [fc.toStringMethod]: () => name } as Step;
}

/** Most that happens is about one session: what takes many steps is seldom found on several. */
const session = fc.constantFrom(0, 0, 0, 1);
const append = fc
  .tuple(session, fc.integer({ min: 1, max: 3 }))
  .map(([at, count]) => stepOf(`append ${at} ${count}`, (a) => a.append(at, count)));
const about: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: session.map((at) => stepOf(`report ${at}`, (a) => a.report(at))) },
  session.map((at) => stepOf(`end ${at}`, (a) => a.end(at))),
);
const honest: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: append },
  { weight: 2, arbitrary: about },
  {
    weight: 4,
    arbitrary: about.map(({ name, act }) =>
      stepOf(`${name}, keep`, async (a) => {
        await act(a);
        await a.keep();
      }),
    ),
  },
  fc.constant(stepOf('keep', (a) => a.keep())),
  fc.constant(stepOf('report all', (a) => a.reportAll())),
  fc.constant(stepOf('copy', (a) => a.copy())),
  fc.constant(stepOf('restart', (a) => a.restart())),
);

/** All that tells of sessions but the account log, all that there is, and any of it. */
const parts = fc.oneof(
  fc.constant(PART_NAMES.slice(0, 4)),
  fc.constant(PART_NAMES),
  fc.subarray(PART_NAMES, { minLength: 1 }),
);
const attack: fc.Arbitrary<Step> = fc.oneof(fc.constant(stepOf('forget entries', (a) => a.forgetEntries())), {
  weight: 4,
  arbitrary: fc
    .tuple(fc.nat(3), parts)
    .map(([at, those]) => stepOf(`put back ${at} ${those}`, (a) => a.putBack(at, those))),
});

async function run(steps: readonly Step[]): Promise<void> {
  const account = new Account();
  await account.start();
  for (const { act } of steps) await act(account);
  for (let i = 0; i < SESSIONS; i += 1) await account.report(i);
  await account.reportAll();
}

describe('whatever is put back', () => {
  it('no report contradicts what a signed checkpoint has covered', async () => {
    const steps = fc.array(fc.oneof({ weight: 3, arbitrary: honest }, { weight: 1, arbitrary: attack }), {
      ...{ minLength: STEPS / 2, maxLength: STEPS, size: 'max' },
    });
    await fc.assert(fc.asyncProperty(steps, run), { numRuns: ROUNDS });
  });

  it('nothing is refused where nothing was put back', async () => {
    const steps = fc.array(honest, { minLength: STEPS / 2, maxLength: STEPS, size: 'max' });
    await fc.assert(fc.asyncProperty(steps, run), { numRuns: Math.ceil(ROUNDS / 4) });
  });
});
