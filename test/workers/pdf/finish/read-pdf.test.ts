import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFString } from '@cantoo/pdf-lib';
import { ATTACHMENTS, type Attachment } from '../../../../shared/reports/attachments.ts';
import type { PdfFacts } from '../../../../workers/pdf/document/pdf-draft.ts';
import { finishPdf } from '../../../../workers/pdf/finish/finish-pdf.ts';
import { WRITING } from '../../../../workers/pdf/finish/pdf-form.ts';
import { valueAt } from '../../../../workers/pdf/finish/pdf-objects.ts';
import { readPdf } from '../../../../workers/pdf/finish/read-pdf.ts';
import { readPdfWithin } from '../../../../workers/pdf/finish/read-pdf-within.ts';
import {
  blankPdf,
  finishBlank,
  PDF_FACTS,
  SESSION_ATTACHMENTS,
  WIDE_ATTACHMENTS,
} from '../../../support/pdfs.ts';

const JSON_BYTES = Buffer.from('{"report":{}}');
const CHROMIUM = '156.0.8078.79';

async function problemOf(bytes: Uint8Array): Promise<string> {
  const reading = await readPdf(bytes);
  assert.equal(reading.ok, false);
  return reading.ok ? '' : reading.problem;
}

/** The finished PDF, opened, changed and written again as a report is. */
async function rewritten(change: (pdf: PDFDocument) => void | Promise<void>): Promise<Uint8Array> {
  const pdf = await PDFDocument.load(await finishBlank(JSON_BYTES), { updateMetadata: false });
  await change(pdf);
  return await pdf.save(WRITING);
}

const edited = async (edit: (text: string) => string) =>
  Buffer.from(edit(Buffer.from(await finishBlank(JSON_BYTES)).toString('latin1')), 'latin1');

test('reads the JSON of a PDF, and which programs printed and finished it', async () => {
  const reading = await readPdf(await finishBlank(JSON_BYTES));
  assert.ok(reading.ok);
  assert.deepEqual(Buffer.from(reading.json), JSON_BYTES);
  assert.equal(reading.origin.chromium, '156.0.8078.79');
  assert.match(reading.origin.producer, /^masker-evidence /);
});

test('refuses a revision that was appended', async () => {
  const pdf = await PDFDocument.load(await finishBlank(JSON_BYTES), {
    updateMetadata: false,
    forIncrementalUpdate: true,
  });
  pdf.setTitle('Another');
  const appended = await pdf.saveIncremental(pdf.takeSnapshot());
  assert.match(await problemOf(Buffer.concat([await finishBlank(JSON_BYTES), appended])), /second %%EOF/);
});

test('refuses bytes behind the end', async () => {
  assert.match(await problemOf(await edited((text) => `${text}\n`)), /bytes follow/);
});

test('refuses a trailer that points at an earlier revision', async () => {
  const bytes = await edited((text) => text.replace(/\/Root (\d+ 0 R)$/m, '/Root $1 /Prev 9'));
  assert.match(await problemOf(bytes), /\/Prev/);
});

test('reads the files that are attached beside the JSON, of a session and of many', async () => {
  const wide = { ...PDF_FACTS, attachmentName: 'masker-account-acc_01KQGDBJ0084G7ZWYRD6Z1RV0W-2026-09.json' };
  for (const [facts, attachments] of [
    [PDF_FACTS, SESSION_ATTACHMENTS],
    [wide, WIDE_ATTACHMENTS],
  ] as const) {
    const reading = await readPdf(
      await finishPdf(await blankPdf(), facts, JSON_BYTES, attachments, CHROMIUM),
    );
    assert.ok(reading.ok, reading.ok ? '' : reading.problem);
    assert.equal(reading.attachmentName, facts.attachmentName);
    assert.deepEqual(Buffer.from(reading.json), JSON_BYTES);
    const byName = (files: readonly Attachment[]) =>
      new Map(files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]));
    assert.deepEqual(
      byName(reading.attachments),
      byName(attachments.toSorted((a, b) => (a.name < b.name ? -1 : 1))),
    );
  }
});

test("refuses another scope's attachments, and the account log's entries without their proof", async () => {
  const [, entries] = SESSION_ATTACHMENTS as [Attachment, Attachment];
  const [, closed] = WIDE_ATTACHMENTS as [Attachment, Attachment];
  const wide = { ...PDF_FACTS, attachmentName: 'masker-account-acc_01KQGDBJ0084G7ZWYRD6Z1RV0W-2026-09.json' };
  const finish = async (facts: PdfFacts, attachment: Attachment) =>
    await finishPdf(await blankPdf(), facts, JSON_BYTES, [attachment], CHROMIUM);
  assert.match(await problemOf(await finish(PDF_FACTS, closed)), /not of its kind of report/);
  assert.match(await problemOf(await finish(wide, entries)), /not of its kind of report/);
  assert.match(await problemOf(await finish(wide, closed)), /without their proof/);
});

/** Adds a file to the list of attachments, as a writer of the form would. */
function attachAnother(name: string, where: 'listed' | 'unlisted' = 'listed') {
  return ({ context, catalog }: PDFDocument) => {
    const file = context.register(
      context.flateStream('x', {
        Type: 'EmbeddedFile',
        Subtype: 'text/plain',
        Params: { Size: 1, CheckSum: PDFHexString.of(hash('md5', 'x')) },
      }),
    );
    if (where === 'unlisted') return;
    const spec = context.register(
      context.obj({
        Type: 'Filespec',
        F: PDFString.of(name),
        UF: PDFHexString.fromText(name),
        EF: { F: file, UF: file },
        Desc: PDFHexString.fromText(ATTACHMENTS['report.note'].description),
        AFRelationship: 'Supplement',
      }),
    );
    catalog.lookup(PDFName.of('AF'), PDFArray).push(spec);
    const names = valueAt(catalog, 'Names', 'EmbeddedFiles', 'Names') as PDFArray;
    names.push(PDFString.of(name));
    names.push(spec);
  };
}

test('refuses an attachment of another name, a second of one name, and one that is not listed', async () => {
  assert.match(await problemOf(await rewritten(attachAnother('readme.txt'))), /a name that none/);
  assert.match(
    await problemOf(
      await rewritten((pdf) => {
        attachAnother('report.note')(pdf);
        attachAnother('report.note')(pdf);
      }),
    ),
    /each once/,
  );
  assert.match(
    await problemOf(await rewritten(attachAnother('report.note', 'unlisted'))),
    /more attachments than it lists/,
  );
  assert.match(await problemOf(await rewritten((pdf) => pdf.attach(JSON_BYTES, 'more.json'))), /attach/);
  const second = PDF_FACTS.attachmentName.replace(/.\.json$/, 'Z.json');
  assert.match(await problemOf(await rewritten(attachAnother(second))), /attach/);
});

test('refuses a specification that names further files, an unassociated file, and two names of one file', async () => {
  const edits: ((pdf: PDFDocument, spec: PDFDict) => void)[] = [
    ({ context }, spec) => spec.set(PDFName.of('RF'), context.obj({ F: [PDFString.of('x')] })),
    ({ context }, spec) => {
      const files = spec.lookup(PDFName.of('EF'), PDFDict);
      files.set(PDFName.of('Unix'), context.register(context.flateStream('x')));
    },
    ({ catalog, context }) => catalog.set(PDFName.of('AF'), context.obj([])),
    ({ context }, spec) => spec.set(PDFName.of('AFRelationship'), context.obj('Unspecified')),
    ({ context }, spec) => {
      const [, another] = context
        .enumerateIndirectObjects()
        .flatMap(([, object]) => (object instanceof PDFDict && object.has(PDFName.of('EF')) ? [object] : []));
      spec.set(PDFName.of('EF'), another?.get(PDFName.of('EF')) as PDFDict);
    },
  ];
  for (const [index, edit] of edits.entries()) {
    const bytes = await rewritten((pdf) => {
      attachAnother('report.note')(pdf);
      const names = valueAt(pdf.catalog, 'Names', 'EmbeddedFiles', 'Names') as PDFArray;
      edit(pdf, names.lookup(1, PDFDict));
    });
    assert.match(await problemOf(bytes), /attach/, `edit ${index}`);
  }
});

test('refuses a PDF without an attachment', async () => {
  const bytes = await rewritten(({ catalog }) => {
    catalog.delete(PDFName.of('Names'));
  });
  assert.match(await problemOf(bytes), /no attachment/);
});

test('refuses an attachment of another name', async () => {
  const bytes = await edited((text) => text.replaceAll('(masker-session-sess_', '(masker-session-xxxx_'));
  assert.match(await problemOf(bytes), /a name that none of a report has/);
});

test('refuses an attachment other than its checksum says', async () => {
  const bytes = await edited((text) => text.replace(/\/CheckSum <../, '/CheckSum <00'));
  assert.match(await problemOf(bytes), /checksum/);
});

test('refuses encryption', async () => {
  const bytes = await edited((text) => text.replace(/\/Root (\d+ 0 R)$/m, '/Root $1 /Encrypt <<>>'));
  assert.match(await problemOf(bytes), /encrypted/);
});

test('refuses an action, a script, a form, a layer and an annotation that is no link', async () => {
  const action = (pdf: PDFDocument, S: string) => pdf.context.obj({ Type: 'Action', S });
  const cases: [what: RegExp, change: (pdf: PDFDocument) => void][] = [
    [/JavaScript|action/, (pdf) => pdf.addJavaScript('hello', 'app.alert(1)')],
    [/opened/, (pdf) => pdf.catalog.set(PDFName.of('OpenAction'), action(pdf, 'Named'))],
    [/by itself/, (pdf) => pdf.getPages()[0]!.node.set(PDFName.of('AA'), pdf.context.obj({}))],
    [/form/, (pdf) => pdf.catalog.set(PDFName.of('AcroForm'), pdf.context.obj({ XFA: PDFString.of('x') }))],
    [/form/, (pdf) => pdf.catalog.set(PDFName.of('AcroForm'), pdf.context.obj({ Fields: [] }))],
    [/layers/, (pdf) => pdf.catalog.set(PDFName.of('OCProperties'), pdf.context.obj({}))],
    [
      /action other/,
      (pdf) =>
        pdf.getPages()[0]!.node.addAnnot(
          pdf.context.register(
            pdf.context.obj({
              Subtype: 'Link',
              Rect: [0, 0, 9, 9],
              A: { S: 'URI', URI: PDFString.of('http://x') },
            }),
          ),
        ),
    ],
    [
      /annotation/,
      (pdf) =>
        pdf
          .getPages()[0]!
          .node.addAnnot(pdf.context.register(pdf.context.obj({ Subtype: 'FreeText', Rect: [0, 0, 9, 9] }))),
    ],
  ];
  for (const [what, change] of cases) assert.match(await problemOf(await rewritten(change)), what);
});

test('refuses an object that hides between others', async () => {
  const bytes = await edited((text) => text.replace('\nendobj\n', '\nendobj\n9999 0 obj\n(x)\nendobj\n'));
  assert.match(await problemOf(bytes), /not in the form|damaged/);
});

test('refuses compressed objects, also where their name is spelled in escapes', async () => {
  for (const name of ['ObjStm', '#4fbjSt#6D']) {
    const bytes = await edited((text) => text.replace('/Type /Catalog', `/Kept /${name} /Type /Catalog`));
    assert.match(await problemOf(bytes), /compressed objects/);
  }
});

test('never throws on a file that was cut or overwritten', async () => {
  const whole = await finishBlank(JSON_BYTES);
  for (let at = 0; at < whole.length; at += 997) {
    const cut = Buffer.concat([whole.subarray(0, at), Buffer.from('\n%%EOF')]);
    const overwritten = Uint8Array.from(whole);
    overwritten.fill(0x28, at, at + 9);
    for (const bytes of [cut, overwritten]) assert.equal(typeof (await readPdf(bytes)).ok, 'boolean');
  }
});

test('gives up at the deadline on a file that takes long to read', async () => {
  const bytes = await edited((text) => text.replace('\nendobj\n', `\nendobj\n${'<<'.repeat(2_000_000)}`));
  const reading = await readPdfWithin(bytes, 1);
  assert.deepEqual(reading, {
    ok: false,
    problem: 'it could not be read within 0.001 seconds',
    costsTooMuch: true,
  });
});

test('reads a PDF in a thread as it does in the same process', async () => {
  const bytes = await finishBlank(JSON_BYTES);
  const reading = await readPdfWithin(bytes);
  assert.ok(reading.ok);
  assert.deepEqual(Buffer.from(reading.json), JSON_BYTES);
});
