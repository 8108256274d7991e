// Takes the one attachment out of a report's PDF, from the one place where it may be.
import { hash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import {
  PDFArray,
  type PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  PDFRawStream,
  PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import { ATTACHMENT_NAME, JSON_LIMIT } from './pdf-form.ts';
import { dictsOf, valueAt } from './pdf-objects.ts';

export type Attachment =
  | Readonly<{ ok: true; name: string; json: Uint8Array }>
  | Readonly<{ ok: false; problem: string }>;

export function takeAttachment(pdf: PDFDocument): Attachment {
  const { context, catalog } = pdf;
  const dicts = [...dictsOf(pdf)];
  const specs = dicts.filter((dict) => dict.has(PDFName.of('EF')));
  const files = dicts.filter((dict) => valueAt(dict, 'Type') === PDFName.of('EmbeddedFile'));
  if (specs.length > 1 || files.length > 1) return refuse('it has more than one attachment');
  const [spec] = specs;
  const specRef = spec && context.getObjectRef(spec);
  const named = valueAt(catalog, 'Names', 'EmbeddedFiles', 'Names');
  const associated = valueAt(catalog, 'AF');
  if (!spec || !specRef || !(named instanceof PDFArray)) {
    return refuse('it has no attachment');
  }
  const [name, listed, ...rest] = named.asArray();
  const isListed = listed === specRef && rest.length === 0 && name instanceof PDFString;
  const isAssociated =
    associated instanceof PDFArray && associated.size() === 1 && associated.get(0) === specRef;
  const namesFile = [valueAt(spec, 'F'), valueAt(spec, 'UF')].every(
    (value) =>
      (value instanceof PDFString || value instanceof PDFHexString) &&
      name instanceof PDFString &&
      value.decodeText() === name.decodeText(),
  );
  if (!isListed || !isAssociated || !namesFile || !ATTACHMENT_NAME.test(name.decodeText())) {
    return refuse('its attachment is not attached as that of a report is');
  }
  const [file, alias] = ['F', 'UF'].map((key) => (valueAt(spec, 'EF') as PDFDict).get(PDFName.of(key)));
  const stream = file instanceof PDFRef && file === alias ? context.lookup(file) : undefined;
  return stream instanceof PDFRawStream
    ? unpack(name.decodeText(), stream)
    : refuse('its attachment cannot be read');
}

function unpack(name: string, stream: PDFRawStream): Attachment {
  let json: Uint8Array;
  try {
    json = inflateSync(stream.contents, { maxOutputLength: JSON_LIMIT });
  } catch {
    return refuse('its attachment cannot be unpacked, or is too large');
  }
  const filter = valueAt(stream.dict, 'Filter');
  const size = valueAt(stream.dict, 'Params', 'Size');
  const checkSum = valueAt(stream.dict, 'Params', 'CheckSum');
  const fits =
    filter === PDFName.of('FlateDecode') &&
    size instanceof PDFNumber &&
    size.asNumber() === json.length &&
    checkSum instanceof PDFHexString &&
    checkSum.asString().toLowerCase() === hash('md5', json);
  return fits ? { ok: true, name, json } : refuse('its attachment is not of the size and checksum stated');
}

function refuse(problem: string): Attachment {
  return { ok: false, problem };
}
