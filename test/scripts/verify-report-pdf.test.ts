import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { WRITING } from '../../workers/pdf/finish/pdf-form.ts';
import { WITH_CHROMIUM } from '../support/chromium.ts';
import { createTestRenderer, printable } from '../support/pdfs.ts';
import { createReportWorld } from '../support/report-world.ts';

describe('npm run verify -- report.pdf', WITH_CHROMIUM, () => {
  it("verify prints a PDF's pages again and exits 0 when they are the same bytes", async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const pdf = await (await createTestRenderer(t)).render(printable(json), t.signal);
    const { code, stdout } = await world.verify('report.pdf', pdf);
    assert.match(stdout, /^structure: verified, /);
    assert.match(stdout, /^pages: verified, .*: the same bytes$/m);
    assert.equal(code, 0);
  });

  it('verify fails a PDF whose pages state what its JSON does not, and exits 2', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const pdf = await PDFDocument.load(
      await (await createTestRenderer(t)).render(printable(json), t.signal),
      {
        updateMetadata: false,
      },
    );
    pdf.getPages()[0]?.setRotation({ type: 'degrees', angle: 90 } as never);
    const { code, stdout } = await world.verify('report.pdf', await pdf.save(WRITING));
    assert.match(stdout, /^structure: verified, /);
    assert.match(stdout, /^pages: FAILED, /m);
    assert.equal(code, 2);
  });

  it('verify refuses a PDF to which something was appended', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const pdf = await (await createTestRenderer(t)).render(printable(json), t.signal);
    const { code, stdout } = await world.verify('report.pdf', Buffer.concat([pdf, Buffer.from('\n%%EOF\n')]));
    assert.match(stdout, /^structure: FAILED, it has a second %%EOF/);
    assert.equal(code, 2);
  });

  it('verify says that pages are not checked where another Chromium printed them, or there is none', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const bytes = await (await createTestRenderer(t)).render(printable(json), t.signal);
    const none = await world.verify('report.pdf', bytes, { CHROME_PATH: join(world.folder, 'none') });
    assert.match(none.stdout, /^pages: not checked, CHROME_PATH names no Chromium/m);
    assert.equal(none.code, 1);
    const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
    pdf.setCreator('Chromium 99.0.1.2');
    const other = await world.verify('report.pdf', await pdf.save(WRITING));
    assert.match(
      other.stdout,
      /^pages: not checked, they were printed by Chromium 99\.0\.1\.2, and this machine has /m,
    );
    assert.equal(other.code, 1);
  });
});
