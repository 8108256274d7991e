// The PDF renderer of the workers' process, which is made when the first PDF is due: most processes never print one.
import { type BrokenPrints, NO_BROKEN_PRINTS } from '../../shared/metrics/broken-prints.ts';
import { createPdfRenderer, type PdfOptions, type PdfRenderer } from '../pdf/pdf.ts';

export type LazyPrinter = Readonly<{
  /** The renderer, the same for every call. Rejects when Chromium cannot be looked for; the next call looks again. */
  open(): Promise<PdfRenderer>;
  /** Counts since the start of this process. */
  brokenPrints(): BrokenPrints;
  close(): Promise<void>;
}>;

export function createLazyPrinter(options: PdfOptions): LazyPrinter {
  let made: Promise<PdfRenderer> | null = null;
  let renderer: PdfRenderer | null = null;
  return {
    async open() {
      made ??= createPdfRenderer(options);
      try {
        renderer = await made;
        return renderer;
      } catch (error) {
        made = null;
        throw error;
      }
    },
    brokenPrints: () => renderer?.brokenPrints() ?? NO_BROKEN_PRINTS,
    async close() {
      await (await made)?.close();
    },
  };
}
