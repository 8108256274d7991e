// The PDF that cases change, and ways to change it.

import { deflateSync } from 'node:zlib';
import { sessionPdf } from './containers.ts';
import { nameInPage, type PdfPieces, rebuilt } from './plain-pdf.ts';
import { makeReport } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';

const { sealed } = SESSIONS;
export const whole = makeReport({ session: sealed });
export const pdf = sessionPdf(whole);
export const JSON_NAME = `masker-session-${sealed.id}.json`;

export const edited = (from: string | RegExp, to: string) => {
  const text = pdf.toString('latin1');
  const changed = text.replace(from, () => to);
  if (changed === text) throw new Error(`The corpus found no ${from} to change`);
  return Buffer.from(changed, 'latin1');
};
export const pieces = (change: (pieces: PdfPieces) => void) => rebuilt(pdf, change);
export const inRoot = (from: string | RegExp, to: string) =>
  pieces(({ objects, root }) => {
    const catalog = objects.get(root) as string;
    const changed = catalog.replace(from, () => to);
    if (changed === catalog) throw new Error(`The corpus found no ${from} in the catalog`);
    objects.set(root, changed);
  });
export const behind = (text: string) => Buffer.concat([pdf, Buffer.from(text, 'latin1')]);

export const streamOf = (number: number, text: string) => {
  const packed = deflateSync(Buffer.from(text)).toString('latin1');
  return `${number} 0 obj\n<<\n/Filter /FlateDecode\n/Length ${packed.length}\n>>\nstream\n${packed}\nendstream\nendobj\n\n`;
};
export const lastOf = ({ objects }: PdfPieces) => Math.max(...objects.keys());

/** The PDF with one object more, which its page names. */
export const inPage = (body: string): Buffer =>
  pieces((all) => {
    const number = lastOf(all) + 1;
    all.objects.set(number, `${number} 0 obj\n${body}\nendobj\n\n`);
    nameInPage(all, `/Other ${number} 0 R\n`);
  });
