// PDFs as the service writes them, taken apart into objects and put together again with a table that fits, so that a case
// can change one thing and leave all else in form.
import { hash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** A PDF in pieces; latin1 text stands for bytes. */
export type PdfPieces = {
  header: string;
  /** From `1 0 obj` to the empty line after `endobj`, by number. */
  objects: Map<number, string>;
  root: number;
  info: number;
  /** Members of the trailer besides Size, Root and Info. */
  extra: string;
};

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

export function takeApart(pdf: Uint8Array): PdfPieces {
  const text = latin1(pdf);
  const tableAt = Number(/startxref\n(\d+)\n%%EOF$/.exec(text)?.[1]);
  const trailer = text.slice(text.indexOf('trailer\n', tableAt));
  const offsets = new Map<number, number>();
  const lines = text.slice(tableAt, text.indexOf('\ntrailer\n', tableAt)).split('\n').slice(1);
  let number = 0;
  for (const line of lines.filter((each) => each !== '')) {
    const [first, second, kind] = line.split(' ') as [string, string, string | undefined];
    if (kind === undefined) number = Number(first);
    else {
      if (kind === 'n') offsets.set(number, Number(first));
      number += 1;
    }
    if (second === undefined) throw new Error('The corpus cannot read its own PDF');
  }
  const starts = [...offsets].sort(([, a], [, b]) => a - b);
  const objects = new Map(
    starts.map(([id, at], i) => [id, text.slice(at, starts[i + 1]?.[1] ?? tableAt)] as const),
  );
  return {
    header: text.slice(0, starts[0]?.[1]),
    objects,
    root: Number(/\/Root (\d+) 0 R/.exec(trailer)?.[1]),
    info: Number(/\/Info (\d+) 0 R/.exec(trailer)?.[1]),
    extra: '',
  };
}

export function putTogether({ header, objects, root, info, extra }: PdfPieces): Buffer {
  const numbers = [...objects.keys()].sort((a, b) => a - b);
  let text = header;
  const offsets = new Map<number, number>();
  for (const [number, body] of objects) {
    offsets.set(number, text.length);
    text += body;
  }
  const tableAt = text.length;
  text += 'xref\n';
  // A table section for each run of numbers; 0 is the free one.
  const runs: number[][] = [[0]];
  for (const number of numbers) {
    const run = runs.at(-1) as number[];
    if (run.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  for (const run of runs) {
    text += `${run[0]} ${run.length}\n`;
    for (const number of run) {
      text +=
        number === 0
          ? '0000000000 65535 f \n'
          : `${String(offsets.get(number)).padStart(10, '0')} 00000 n \n`;
    }
  }
  const size = (numbers.at(-1) ?? 0) + 1;
  text += `\ntrailer\n<<\n/Size ${size}\n/Root ${root} 0 R\n/Info ${info} 0 R\n${extra}>>\n\nstartxref\n${tableAt}\n%%EOF`;
  return Buffer.from(text, 'latin1');
}

/** The PDF with a change to its pieces. */
export function rebuilt(pdf: Uint8Array, change: (pieces: PdfPieces) => void): Buffer {
  const pieces = takeApart(pdf);
  change(pieces);
  return putTogether(pieces);
}

/** Where a page names what it shows: a member there is no stray one. */
const SHOWN = '/XObject <<\n';

/** Lets the first page name something, so that it is no loose object. */
export function nameInPage({ objects }: PdfPieces, member: string): void {
  for (const [number, body] of objects) {
    if (!body.includes(SHOWN)) continue;
    objects.set(number, body.replace(SHOWN, `${SHOWN}${member}`));
    return;
  }
  throw new Error('The corpus found no page that shows something');
}

export type AttachedFile = Readonly<{
  name: string;
  bytes: Uint8Array;
  mediaType?: string;
  relationship?: string;
  /** What a case changes. */
  listedAs?: string;
  unicodeName?: string;
  fileName?: string;
  filter?: string;
  size?: number;
  checkSum?: string;
  packed?: Uint8Array;
  unlisted?: boolean;
  unassociated?: boolean;
}>;

const FORMS: Readonly<
  Record<string, readonly [mediaType: string, relationship: string, description: string]>
> = {
  'report.note': ['text/plain', 'Supplement', 'The signed statement over the JSON, a signed note (C2SP)'],
  'entries.ndjson': ['application/x-ndjson', 'Source', "The entries of the session's audit log, a line each"],
  'session_closed.ndjson': [
    ...(['application/x-ndjson', 'Source'] as const),
    "The account log's entries about these sessions, a line each",
  ],
  'session_closed.multiproof.json': [
    ...(['application/json', 'Supplement'] as const),
    "The proof that these entries are under the account log's checkpoint",
  ],
};
const JSON_FORM = ['application/json', 'Data', 'The report as JSON, Masker Audit Schema v1'] as const;

export const utf16 = (text: string): string =>
  `<FEFF${Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase()}>`;

const nameOf = (text: string) => `/${text.replaceAll('/', '#2F')}`;

/** The PDF with these files attached in place of its own, in the form in which the service attaches them. */
export function withFiles(pdf: Uint8Array, files: readonly AttachedFile[]): Buffer {
  return rebuilt(pdf, (pieces) => attach(pieces, files));
}

export function attach(pieces: PdfPieces, files: readonly AttachedFile[]): void {
  const { objects, root } = pieces;
  for (const [number, body] of objects) {
    if (/\n\/Type \/(?:EmbeddedFile|Filespec)\n/.test(body.split('\nstream\n')[0] as string))
      objects.delete(number);
  }
  let next = Math.max(...objects.keys()) + 1;
  const listed: [AttachedFile, number][] = [];
  for (const file of files) {
    objects.set(next, fileObject(next, file));
    objects.set(next + 1, specObject(next + 1, next, file));
    listed.push([file, next + 1]);
    next += 2;
  }
  const names = listed
    .filter(([file]) => !file.unlisted)
    .map(([file, spec]) => `(${file.listedAs ?? file.name}) ${spec} 0 R`);
  const associated = listed.filter(([file]) => !file.unassociated).map(([, spec]) => `${spec} 0 R`);
  const catalog = (objects.get(root) as string)
    .replace(/\/Names \[ .* \]\n/, () => `/Names [ ${names.join(' ')} ]\n`)
    .replace(/\/AF \[ .* \]\n/, () => `/AF [ ${associated.join(' ')} ]\n`);
  objects.set(root, catalog);
}

const DATE = '(D:20260503213011Z)';

function fileObject(number: number, file: AttachedFile): string {
  const packed = file.packed ?? deflateSync(file.bytes);
  const [mediaType] = FORMS[file.name] ?? JSON_FORM;
  const size = file.size ?? file.bytes.length;
  const checkSum = file.checkSum ?? hash('md5', file.bytes);
  const params = `<<\n/Size ${size}\n/CreationDate ${DATE}\n/ModDate ${DATE}\n/CheckSum <${checkSum}>\n>>`;
  const dict = `<<\n/Type /EmbeddedFile\n/Subtype ${nameOf(file.mediaType ?? mediaType)}\n/Params ${params}\n/Filter /${file.filter ?? 'FlateDecode'}\n/Length ${packed.length}\n>>`;
  return `${number} 0 obj\n${dict}\nstream\n${latin1(packed)}\nendstream\nendobj\n\n`;
}

function specObject(number: number, fileNumber: number, file: AttachedFile): string {
  const [, relationship, description] = FORMS[file.name] ?? JSON_FORM;
  const name = `/F (${file.fileName ?? file.name})\n/UF ${utf16(file.unicodeName ?? file.name)}`;
  const ref = `${fileNumber} 0 R`;
  return `${number} 0 obj\n<<\n/Type /Filespec\n${name}\n/EF <<\n/F ${ref}\n/UF ${ref}\n>>\n/Desc ${utf16(description)}\n/AFRelationship /${file.relationship ?? relationship}\n>>\nendobj\n\n`;
}
