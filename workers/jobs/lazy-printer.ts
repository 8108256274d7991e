// The PDF renderer of the workers' process, which is made when the first PDF is due: most processes never print one.
import { createPdfRenderer, type PdfOptions, type PdfRenderer } from '../pdf/pdf.ts';

export type LazyPrinter = Readonly<{
  /** The renderer, the same for every call. Rejects when Chromium cannot be looked for; the next call looks again. */
  open(): Promise<PdfRenderer>;
  close(): Promise<void>;
}>;

export function createLazyPrinter(options: PdfOptions): LazyPrinter {
  let made: Promise<PdfRenderer> | null = null;
  return {
    async open() {
      made ??= createPdfRenderer(options);
      try {
        return await made;
      } catch (error) {
        made = null;
        throw error;
      }
    },
    async close() {
      await (await made)?.close();
    },
  };
}
