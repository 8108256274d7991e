import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { newId } from '../../shared/audit/ids.ts';
import { openSigning } from '../../shared/transparency/open-signing.ts';
import { createStatementSigner, type Stated } from '../../shared/transparency/statement-signer.ts';
import { TEST_SIGNING } from '../support/account-logs.ts';
import { WITH_CHROMIUM } from '../support/chromium.ts';
import { FORGERIES, withAttachment } from '../support/forged-pdfs.ts';
import { createTestRenderer, printable } from '../support/pdfs.ts';
import { altered, createReportWorld, type ReportWorld, signStatement } from '../support/report-world.ts';
import { pemOf } from '../support/signers.ts';

type Print = (json: Uint8Array) => Promise<Uint8Array>;

const releases: (() => Promise<void>)[] = [];
let world: ReportWorld & { print: Print };
/** Printed once: the tests change copies of it. Those that change its row in the ledger restore it. */
let issued: Awaited<ReturnType<ReportWorld['issue']>>;

async function setUp(): Promise<void> {
  const whole = { after: (release: () => Promise<void>) => releases.push(release) } as unknown as TestContext;
  const renderer = await createTestRenderer(whole);
  const { signal } = new AbortController();
  const print: Print = (json) => renderer.render(printable(json), signal);
  world = { ...(await createReportWorld(whole)), print };
  issued = await world.issue(5, { print });
}

async function tearDown(): Promise<void> {
  for (const release of releases.reverse()) await release();
}

function idOf(json: Uint8Array): string {
  return JSON.parse(Buffer.from(json).toString()).report.id;
}

/** The row of a report that other tests use as well. */
async function restoreEntryAfter(t: TestContext, json: Uint8Array): Promise<void> {
  const row = await world.db.collection<{ _id: string }>('reports').findOne({ _id: idOf(json) });
  assert.ok(row);
  t.after(() => changeEntry(json, { $set: row }));
}

function changeEntry(json: Uint8Array, change: object): Promise<unknown> {
  return world.db.collection<{ _id: string }>('reports').updateOne({ _id: idOf(json) }, change);
}

/** Makes the row in the ledger one without a digest of the PDF, as earlier versions of the program wrote it. */
async function forgetPdf(json: Uint8Array): Promise<void> {
  await changeEntry(json, { $unset: { pdf_sha256: '', pdf_statement: '', format: '' } });
}

/** What a statement says of this PDF of a report. */
function statedPdf(json: Uint8Array, sha256Hex: string): Stated {
  const { id: reportId, generated_at: generatedAt } = JSON.parse(Buffer.from(json).toString()).report;
  return { subject: 'pdf', reportId, sha256Hex, generatedAt };
}

const NO_STORE = { MONGODB_URI: '' };

describe('npm run verify -- report.pdf', WITH_CHROMIUM, () => {
  before(setUp);
  after(tearDown);

  it('verify knows an issued PDF by its digest in the ledger, without printing it again, and exits 0', async () => {
    const { pdf } = issued;
    const noChromium = { CHROME_PATH: join(world.folder, 'none') };
    const { code, stdout } = await world.verifyAlone('report.pdf', pdf, noChromium);
    assert.match(
      stdout,
      /^structure: verified, nothing stands outside the form of a report's file, with .*; what its pages show, and whether pages were added or left out, is the axis pages$/m,
    );
    assert.match(stdout, /^pages: verified, the PDF is the one issued under this id, byte for byte$/m);
    assert.equal(code, 0);
  });

  it('verify exits 2 on every kind of forged PDF where the ledger knows the issued one', async () => {
    const { pdf, json } = issued;
    for (const [kind, forge] of Object.entries(FORGERIES)) {
      const { code, stdout } = await world.verify('report.pdf', await forge(pdf, json));
      assert.match(stdout, /^(?:structure|pages): FAILED, /m, kind);
      assert.equal(code, 2, kind);
      assert.doesNotMatch(stdout, /^log: FAILED/m, kind);
    }
  });

  it('verify verifies no forged PDF without the store, and says where it can be checked', async () => {
    const { pdf, json } = issued;
    const where =
      /^pages: not checked, .*\. Verify it where the database is, .*: npm start, or set MONGODB_URI$/m;
    for (const kind of ['another version of Chromium', 'another version of the program'] as const) {
      const { code, stdout } = await world.verify('report.pdf', await FORGERIES[kind]!(pdf, json), NO_STORE);
      assert.match(stdout, where, kind);
      assert.equal(code, 1, kind);
    }
    for (const kind of ['a page turned', 'an extra font'] as const) {
      const { code, stdout } = await world.verify('report.pdf', await FORGERIES[kind]!(pdf, json), NO_STORE);
      assert.match(stdout, /^pages: FAILED, printing the attached JSON again gives other bytes$/m, kind);
      assert.equal(code, 2, kind);
    }
  });

  it('verify refuses metadata and attachments that no report has, without the store too', async () => {
    const { pdf, json } = issued;
    const kinds = {
      "another program's name": /not finished by this program/,
      'another version of Chromium in one place': /metadata are not those of the attached report/,
      'another title': /metadata are not those of the attached report/,
      'another name of the attachment': /bears the name of another subject/,
      'an appended revision': /a second %%EOF/,
    };
    for (const [kind, problem] of Object.entries(kinds)) {
      const { code, stdout } = await world.verify('report.pdf', await FORGERIES[kind]!(pdf, json), NO_STORE);
      const [structure] = stdout.split('\n');
      assert.match(structure ?? '', /^structure: FAILED, /, kind);
      assert.match(structure ?? '', problem, kind);
      assert.equal(code, 2, kind);
    }
  });

  it('verify fails a PDF where JSON alone was issued under its id, though its pages are true', async () => {
    const { json } = await world.issue(5);
    const { code, stdout } = await world.verify('report.pdf', await world.print(json));
    assert.match(stdout, /^ledger: verified, /m);
    assert.match(stdout, /^pages: FAILED, no PDF was issued under this id, only JSON$/m);
    assert.equal(code, 2);
  });

  it('verify fails a true PDF that bears the id of another report', async () => {
    const [one, other] = [issued, await world.issue(7, { print: world.print })];
    const { id } = JSON.parse(Buffer.from(other.json).toString()).report;
    const json = altered(one.json, (report) => report.set('id', id));
    const { code, stdout } = await world.verify('report.pdf', await world.print(json));
    assert.match(stdout, /^log: verified, .*\nreport: verified, /m);
    assert.match(stdout, /^ledger: FAILED, /m);
    assert.match(stdout, /^pages: FAILED, the PDF is not the one issued under this id/m);
    assert.equal(code, 2);
  });

  it('verify fails a PDF whose row in the ledger is of another account', async (t) => {
    const { pdf, json } = issued;
    await restoreEntryAfter(t, json);
    await changeEntry(json, { $set: { account_id: newId('account') } });
    const { code, stdout } = await world.verify('report.pdf', pdf);
    assert.match(
      stdout,
      /^ledger: FAILED, these bytes were issued, .*; its row in the ledger was changed since: account$/m,
    );
    assert.equal(code, 2);
  });

  it('verify fails a PDF that carries the JSON of another report', async () => {
    const { pdf, json } = issued;
    const other = altered(json, (report) => report.set('generated_at', '2026-05-03T21:30:12Z'));
    const { code, stdout } = await world.verify('report.pdf', await withAttachment(pdf, other));
    assert.match(stdout, /^ledger: FAILED, the bytes are not those that were issued/m);
    assert.match(stdout, /^pages: FAILED, the PDF is not the one issued under this id/m);
    assert.equal(code, 2);
  });

  it('verify prints the pages again where the ledger is older than digests of PDFs', async (t) => {
    const { pdf, json } = issued;
    await restoreEntryAfter(t, json);
    await forgetPdf(json);
    const { code, stdout } = await world.verify('report.pdf', pdf);
    assert.match(stdout, /^pages: verified, printed again by Chromium .*: the same bytes$/m);
    assert.equal(code, 0);
    const other = await world.verify('report.pdf', await FORGERIES['an extra font']!(pdf, json));
    assert.match(other.stdout, /^structure: verified, /);
    assert.match(other.stdout, /^pages: FAILED, /m);
    assert.equal(other.code, 2);
    const turned = await world.verify('report.pdf', await FORGERIES['a page turned']!(pdf, json));
    assert.match(
      turned.stdout,
      /^structure: FAILED, a page of it has a member that no report's has, \/Rotate$/m,
    );
  });

  /** Each way to have the ledger name a forged PDF for a genuine report, without a key. */
  const swaps: Readonly<
    Record<string, (forged: string, own: Awaited<ReturnType<ReportWorld['issue']>>) => Promise<object>>
  > = {
    'beside the statement over the issued one': async (forged) => ({ $set: { pdf_sha256: forged } }),
    'and takes the statement off': async (forged) => ({
      $set: { pdf_sha256: forged },
      $unset: { pdf_statement: '' },
    }),
    'under a statement by a key of his own': async (forged, { json, session }) => {
      const sign = createStatementSigner(openSigning({ ...TEST_SIGNING, privateKeyPem: pemOf(66) }));
      const pdf_statement = await sign(session.accountId, statedPdf(json, forged));
      return { $set: { pdf_sha256: forged, pdf_statement } };
    },
    "under a statement over another report's PDF": async (forged, { json, session }) => {
      const stated = { ...statedPdf(json, forged), reportId: newId('report') };
      return {
        $set: { pdf_sha256: forged, pdf_statement: await signStatement(session.accountId, stated) },
      };
    },
    "under a statement over the report's JSON": async (forged, { json, session }) => {
      const stated = { ...statedPdf(json, forged), subject: 'report' } as const;
      return {
        $set: { pdf_sha256: forged, pdf_statement: await signStatement(session.accountId, stated) },
      };
    },
  };
  for (const [how, swap] of Object.entries(swaps)) {
    it(`verify fails a PDF with other pages whose digest somebody writes into the ledger ${how}`, async (t) => {
      const { pdf, json } = issued;
      await restoreEntryAfter(t, json);
      const forged = await FORGERIES['a page turned']!(pdf, json);
      await changeEntry(json, await swap(hash('sha256', forged), issued));
      const { code, stdout } = await world.verify('report.pdf', forged);
      assert.match(stdout, /^pages: FAILED, printing the attached JSON again gives other bytes$/m);
      assert.equal(code, 2);
      const named = /^ledger: FAILED, the statement over its PDF in the ledger is not one that/m;
      const isStatementOff = how === 'and takes the statement off';
      assert.equal(named.test(stdout), !isStatementOff);
      const noChromium = { CHROME_PATH: join(world.folder, 'none') };
      const unprinted = await world.verify('report.pdf', forged, noChromium);
      assert.match(unprinted.stdout, /^pages: not checked, .*no SHA-256 of the PDF under a statement/m);
      assert.notEqual(unprinted.code, 0);
      // The PDF that was issued has no digest either then.
      if (!isStatementOff) return;
      const genuine = await world.verify('report.pdf', pdf);
      assert.match(genuine.stdout, /^pages: verified, printed again by Chromium /m);
    });
  }

  it('verify prints the pages again where it has no key to check the statement over the PDF', async () => {
    const { pdf } = issued;
    const noKey = { SIGNING_KEY: '', LOG_ORIGIN: '' };
    const printed = await world.verify('report.pdf', pdf, noKey);
    assert.match(printed.stdout, /^pages: verified, printed again by Chromium /m);
    const noChromium = { ...noKey, CHROME_PATH: join(world.folder, 'none') };
    const { stdout, code } = await world.verify('report.pdf', pdf, noChromium);
    assert.match(stdout, /^pages: not checked, .*cannot be checked: set SIGNING_KEY and LOG_ORIGIN/m);
    assert.equal(code, 1);
  });

  it('verify says that pages are not checked where another Chromium printed them, or there is none', async (t) => {
    const { pdf, json } = issued;
    await restoreEntryAfter(t, json);
    await forgetPdf(json);
    const none = await world.verify('report.pdf', pdf, { CHROME_PATH: join(world.folder, 'none') });
    assert.match(
      none.stdout,
      /^pages: not checked, CHROME_PATH names no Chromium.*\. It was issued before /m,
    );
    assert.equal(none.code, 1);
    const forged = await FORGERIES['another version of Chromium']!(pdf, json);
    const other = await world.verify('report.pdf', forged);
    assert.match(
      other.stdout,
      /^pages: not checked, they were printed by Chromium 99\.0\.1\.2, and this machine has .*get a new report$/m,
    );
    assert.equal(other.code, 1);
  });
});
