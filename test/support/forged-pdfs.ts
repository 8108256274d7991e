// Forgeries of an issued PDF, each by its kind. All are as well-formed as a forger who read the code can make them.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import {
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  PDFRawStream,
  StandardFonts,
} from '@cantoo/pdf-lib';
import { readReport } from '../../shared/reports/read-report.ts';
import { statePdfFacts } from '../../workers/pdf/document/state-pdf-facts.ts';
import { describeDocument } from '../../workers/pdf/finish/describe-document.ts';
import { WRITING } from '../../workers/pdf/finish/pdf-form.ts';
import { altered } from './report-world.ts';

type Forge = (pdf: Uint8Array, json: Uint8Array) => Promise<Uint8Array>;

export const FORGERIES: Readonly<Record<string, Forge>> = {
  'another version of the program': (pdf) =>
    edited(pdf, (text) =>
      text.replace(hexOf('evidence 0.'), hexOf('evidence 9.')).replace('evidence 0.', 'evidence 9.'),
    ),
  "another program's name": (pdf) =>
    edited(pdf, (text) =>
      text.replace(hexOf('masker-e'), hexOf('master-e')).replace('>masker-e', '>master-e'),
    ),
  'another version of Chromium': (pdf, json) =>
    rewritten(pdf, (document) => describeDocument(document, statePdfFacts(readReport(json)), '99.0.1.2')),
  'another version of Chromium in one place': (pdf) =>
    rewritten(pdf, (document) => document.setCreator('Chromium 99.0.1.2')),
  'another title': (pdf) => rewritten(pdf, (document) => document.setTitle('Certified')),
  'an extra font': (pdf) =>
    rewritten(pdf, async (document) => {
      await document.embedFont(StandardFonts.Helvetica);
    }),
  'an extra font by the name of one that reports have': (pdf) =>
    rewritten(pdf, ({ context }) => {
      context.register(context.obj({ Type: 'Font', BaseFont: 'AAAAAA+NotoSans-Regular' }));
    }),
  'an appended revision': async (pdf) => {
    const document = await PDFDocument.load(pdf, { updateMetadata: false, forIncrementalUpdate: true });
    document.setTitle('Another');
    return Buffer.concat([pdf, await document.saveIncremental(document.takeSnapshot())]);
  },
  'a changed letter on a page': (pdf) => rewritten(pdf, changeLetter),
  'a page turned': (pdf) =>
    rewritten(pdf, (document) =>
      document.getPages()[0]?.setRotation({ type: 'degrees', angle: 90 } as never),
    ),
  'another attachment': (pdf, json) =>
    withAttachment(
      pdf,
      altered(json, (report) => report.set('redaction_count', 4)),
    ),
  'another name of the attachment': (pdf) =>
    edited(pdf, (text) => {
      const [, id] = /\(masker-session-sess_(\w{26})\.json\)/.exec(text) ?? [];
      assert.ok(id);
      const other = `${id.slice(0, 25)}${id.endsWith('0') ? '1' : '0'}`;
      return text
        .replaceAll(`(masker-session-sess_${id}.json)`, `(masker-session-sess_${other}.json)`)
        .replaceAll(hexOf(`masker-session-sess_${id}.json`), hexOf(`masker-session-sess_${other}.json`));
    }),
};

/** The PDF with this JSON attached in place of its own, by the same name. */
export async function withAttachment(pdf: Uint8Array, json: Uint8Array): Promise<Uint8Array> {
  return await rewritten(pdf, (document) => attach(document, json));
}

/** The PDF opened, changed, and written again as reports are. */
async function rewritten(pdf: Uint8Array, change: (document: PDFDocument) => unknown): Promise<Uint8Array> {
  const document = await PDFDocument.load(pdf, { updateMetadata: false });
  await change(document);
  return await document.save(WRITING);
}

/** The PDF with other bytes in place of as many, so that its table of objects stays true. */
async function edited(pdf: Uint8Array, edit: (text: string) => string): Promise<Uint8Array> {
  const text = Buffer.from(pdf).toString('latin1');
  const changed = edit(text);
  assert.ok(changed !== text && changed.length === text.length);
  return Buffer.from(changed, 'latin1');
}

function hexOf(text: string): string {
  return PDFHexString.fromText(text).asString().replace(/^FEFF/i, '');
}

/** Draws another glyph in place of the first that a page draws. */
function changeLetter({ context }: PDFDocument): void {
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFRawStream) || object.dict.has(PDFName.of('Subtype'))) continue;
    const content = unpack(object);
    const changed = content?.replace(/<(?!0025)[0-9A-F]{4}(?=[0-9A-F]*> Tj)/, '<0025');
    if (content === undefined || changed === content) continue;
    const stream = context.stream(deflateSync(Buffer.from(changed as string, 'latin1')), {
      Filter: 'FlateDecode',
    });
    context.assign(ref, stream);
    return;
  }
  assert.fail('no page draws a letter');
}

function unpack({ contents }: PDFRawStream): string | undefined {
  try {
    return inflateSync(contents).toString('latin1');
  } catch {
    return undefined;
  }
}

function attach({ context }: PDFDocument, json: Uint8Array): void {
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFRawStream)) continue;
    const { dict } = object;
    if (dict.get(PDFName.of('Type')) !== PDFName.of('EmbeddedFile')) continue;
    const stream = context.flateStream(json);
    for (const [key, value] of dict.entries()) {
      if (!stream.dict.has(key)) stream.dict.set(key, value);
    }
    const params = stream.dict.lookup(PDFName.of('Params'), PDFDict);
    params.set(PDFName.of('Size'), PDFNumber.of(json.length));
    params.set(PDFName.of('CheckSum'), PDFHexString.of(hash('md5', json)));
    context.assign(ref, stream);
    return;
  }
  assert.fail('there is no attachment');
}
