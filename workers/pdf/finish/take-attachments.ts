// Takes the attachments out of a report's PDF, from the one place where they may be. Refuses files of other names, of one
// name, and any that a reader could find without the list of attachments.
import { hash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import {
  type Attachment,
  type AttachmentForm,
  type AttachmentName,
  attachmentForm,
  JSON_FORM,
} from '../../../shared/reports/attachments.ts';
import { ATTACHMENT_LIMIT, ATTACHMENT_NAME } from './pdf-form.ts';
import { dictsOf, hasKey, valueAt } from './pdf-objects.ts';

export type Attachments =
  | Readonly<{ ok: true; name: string; json: Uint8Array; attachments: readonly Attachment[] }>
  | Refused;

type Refused = Readonly<{ ok: false; problem: string; costsTooMuch?: true }>;

export function takeAttachments(pdf: PDFDocument): Attachments {
  const listed = listFiles(pdf);
  if ('problem' in listed) return listed;
  const taken: Taken[] = [];
  const streams = new Set<PDFRef>();
  for (const { name, spec } of listed.files) {
    const form = ATTACHMENT_NAME.test(name) ? JSON_FORM : attachmentForm(name);
    if (form === null) return refuse('it has an attachment of a name that none of a report has');
    const file = takeFile(pdf, name, spec, form);
    if ('problem' in file) return file;
    taken.push(file);
    streams.add(file.ref);
  }
  // Two names of one stream would leave room for a stream that has none.
  if (streams.size < taken.length) return refuse('two of its attachments are one file');
  const [report, ...others] = taken.filter(({ name }) => ATTACHMENT_NAME.test(name));
  if (!report) return refuse('it has no attachment that is a report');
  if (others.length > 0) return refuse('it has more than one report attached');
  const attachments = taken
    .filter((file) => file !== report)
    .map(({ name, bytes }) => ({ name, bytes }) as Attachment);
  const problem = findMisfit(report.name, attachments);
  return problem === null
    ? { ok: true, name: report.name, json: report.bytes, attachments }
    : refuse(problem);
}

type Taken = Readonly<{ name: string; ref: PDFRef; bytes: Uint8Array }>;
type ListedFile = Readonly<{ name: string; spec: PDFDict }>;

/** The attachments that the name tree lists: they are all that there are, and all are associated, in one order. */
function listFiles(pdf: PDFDocument): Readonly<{ files: readonly ListedFile[] }> | Refused {
  const { context, catalog } = pdf;
  const dicts = [...dictsOf(pdf)];
  const ofType = (type: string) => (dict: PDFDict) => valueAt(dict, 'Type') === PDFName.of(type);
  const isSpec = ofType('Filespec');
  const specs = dicts.filter((dict) => hasKey(dict, 'EF') || isSpec(dict));
  const streams = dicts.filter(ofType('EmbeddedFile'));
  const named = valueAt(catalog, 'Names', 'EmbeddedFiles', 'Names');
  const associated = valueAt(catalog, 'AF');
  if (specs.length === 0 || !(named instanceof PDFArray)) return refuse('it has no attachment');
  const pairs = pairsOf(named.asArray());
  const specOf = new Map(specs.map((spec) => [context.getObjectRef(spec), spec]));
  const files = pairs.flatMap(([name, ref]) => {
    const spec = ref instanceof PDFRef ? specOf.get(ref) : undefined;
    // A name has one spelling: an escape in it is read in another way by other programs.
    const text = name instanceof PDFString ? name.asString() : null;
    return spec && text !== null ? [{ name: text, spec }] : [];
  });
  if (files.length < pairs.length) return refuse(NOT_ATTACHED);
  // Each name is after the one before it: none is there twice.
  if (files.some(({ name }, index) => index > 0 && name <= (files[index - 1] as ListedFile).name)) {
    return refuse('its attachments are not in the order of their names, each once');
  }
  if (specs.length !== files.length || streams.length !== files.length) {
    return refuse('it has more attachments than it lists');
  }
  const areAssociated =
    associated instanceof PDFArray &&
    associated.size() === pairs.length &&
    pairs.every(([, ref], index) => associated.get(index) === ref);
  return areAssociated ? { files } : refuse(NOT_ATTACHED);
}

const NOT_ATTACHED = 'its attachments are not attached as those of a report are';

function pairsOf(names: readonly PDFObject[]): (readonly [PDFObject, PDFObject | undefined])[] {
  return names.flatMap((name, index) => (index % 2 === 0 ? [[name, names[index + 1]] as const] : []));
}

function takeFile(
  { context }: PDFDocument,
  name: string,
  spec: PDFDict,
  form: AttachmentForm,
): Taken | Refused {
  const files = valueAt(spec, 'EF');
  const isAttached =
    files instanceof PDFDict &&
    files.keys().length === 2 &&
    spec.keys().length === SPEC_KEYS &&
    inPlace(spec, 'Type') === PDFName.of('Filespec') &&
    spellingOf(inPlace(spec, 'F')) === name &&
    isInHex(inPlace(spec, 'UF'), name) &&
    inPlace(spec, 'AFRelationship') === PDFName.of(form.relationship) &&
    isInHex(inPlace(spec, 'Desc'), form.description);
  if (!isAttached) return refuse(NOT_ATTACHED);
  const [ref, alias] = ['F', 'UF'].map((key) => files.get(PDFName.of(key)));
  const stream = ref instanceof PDFRef && ref === alias ? context.lookup(ref) : undefined;
  if (!(ref instanceof PDFRef && stream instanceof PDFRawStream)) {
    return refuse('an attachment of it cannot be read');
  }
  const isFile =
    stream.dict.keys().length === STREAM_KEYS &&
    inPlace(stream.dict, 'Type') === PDFName.of('EmbeddedFile') &&
    inPlace(stream.dict, 'Subtype') === PDFName.of(form.mediaType);
  if (!isFile) return refuse(NOT_ATTACHED);
  const bytes = unpack(stream);
  return bytes instanceof Uint8Array ? { name, ref, bytes } : bytes;
}

/** Type, F, UF, EF, Desc and AFRelationship. Others may name further files. */
const SPEC_KEYS = 6;

/** Type, Subtype, Params, Filter and Length. Others may give a reader other contents: /DecodeParms, /F. */
const STREAM_KEYS = 5;

/** A value that is written in place: other verifiers follow no reference there. */
function inPlace(dict: PDFDict, key: string): PDFObject | undefined {
  return dict.get(PDFName.of(key));
}

/** Whether a value is the text in hex, as reports write it: in UTF-16, with its mark. */
function isInHex(value: PDFObject | undefined, text: string): boolean {
  return (
    value instanceof PDFHexString &&
    value.asString().toUpperCase() === PDFHexString.fromText(text).asString().toUpperCase()
  );
}

/** A text in brackets as it is written, with its escapes; null for any other value. */
function spellingOf(value: PDFObject | undefined): string | null {
  return value instanceof PDFString ? value.asString() : null;
}

function unpack(stream: PDFRawStream): Uint8Array | Refused {
  const [filter, params] = ['Filter', 'Params'].map((key) => inPlace(stream.dict, key));
  const [size, checkSum] = ['Size', 'CheckSum'].map((key) =>
    params instanceof PDFDict ? inPlace(params, key) : undefined,
  );
  const fits =
    params instanceof PDFDict &&
    params.keys().sort().join() === '/CheckSum,/CreationDate,/ModDate,/Size' &&
    filter === PDFName.of('FlateDecode') &&
    size instanceof PDFNumber &&
    Number.isSafeInteger(size.asNumber()) &&
    size.asNumber() >= 0 &&
    checkSum instanceof PDFHexString;
  if (!fits) return refuse('an attachment of it does not state its size and checksum as reports do');
  if (size.asNumber() > ATTACHMENT_LIMIT)
    return {
      ok: false,
      problem: `an attachment of it is larger than the ${ATTACHMENT_LIMIT} bytes that this program takes`,
      costsTooMuch: true,
    };
  const bytes = inflate(stream.contents, size.asNumber());
  const isStated =
    bytes?.length === size.asNumber() && checkSum.asString().toLowerCase() === hash('md5', bytes);
  return isStated ? bytes : refuse('an attachment of it is not of the size and checksum stated');
}

/** The bytes that all of the packed data gives, and no more than `size`; null where it gives none. */
function inflate(packed: Uint8Array, size: number): Uint8Array | null {
  try {
    const { buffer, engine } = inflateSync(packed, {
      info: true,
      maxOutputLength: Math.max(1, size),
      // In one piece: pieces would be put together in as much memory again. A piece that is filled is followed by another.
      chunkSize: Math.max(64, size + 1),
    }) as unknown as Readonly<{ buffer: Uint8Array; engine: Readonly<{ bytesWritten: number }> }>;
    return engine.bytesWritten === packed.length ? buffer : null;
  } catch {
    return null;
  }
}

/** What does not fit a report of this name; null for nothing. */
function findMisfit(reportName: string, attachments: readonly Attachment[]): string | null {
  const scope = (['session', 'agent', 'account'] as const).find((kind) =>
    reportName.startsWith(`masker-${kind}-`),
  );
  const names = new Set<AttachmentName>(attachments.map(({ name }) => name));
  for (const name of names) {
    if (!scope || !attachmentForm(name)?.scopes.includes(scope))
      return `its attachment ${name} is not of its kind of report`;
  }
  if (names.has('session_closed.ndjson') !== names.has('session_closed.multiproof.json')) {
    return "it has the account log's entries without their proof, or the proof without them";
  }
  return null;
}

function refuse(problem: string): Refused {
  return { ok: false, problem };
}
