import { PDF_LIMIT } from './pdf-form.ts';

/**
 * The first problem that shows without parsing, in words; null for none. Also finds objects that are unsafe to parse.
 */
export function findFormProblem(bytes: Uint8Array): string | null {
  if (bytes.length > PDF_LIMIT) return `it is larger than ${PDF_LIMIT} bytes`;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!text.startsWith('%PDF-1.7\n')) return 'it is not a PDF as reports are';
  const ends = text.split('%%EOF').length - 1;
  if (ends === 0) return 'it has no end (%%EOF)';
  if (ends > 1) return 'it has a second %%EOF: something was appended';
  if (!text.endsWith('%%EOF')) return 'bytes follow its end (%%EOF)';
  const trailer = text.slice(text.lastIndexOf('\ntrailer'));
  if (trailer.includes('/Prev')) return 'its trailer points at an earlier revision (/Prev)';
  if (trailer.includes('/Encrypt')) return 'it is encrypted';
  // Compressed objects are unsafe: a parser unpacks them, however large they are. #-escapes may hide their names.
  const spelled = text.replace(/#([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (/\/(?:ObjStm|XRef)\b/.test(spelled)) return 'it holds compressed objects';
  return null;
}
