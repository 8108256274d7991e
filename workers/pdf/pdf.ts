// The PDF renderer, and the only way to it. The thread that makes a report composes its HTML, a warm Chromium prints it,
// and a thread finishes the PDF.
import type { LogRef } from '../../shared/audit/log-record.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { type BrokenPrints, NO_BROKEN_PRINTS } from '../../shared/metrics/broken-prints.ts';
import type { Attachment } from '../../shared/reports/attachments.ts';
import type { Deadline } from '../logs/forecast.ts';
import { FairQueue, type Ticket } from '../threads/fair-queue.ts';
import { type Chromium, type ChromiumPlace, findChromium } from './chromium/find-chromium.ts';
import { createPrinter } from './chromium/print-twice.ts';
import { WarmBrowser } from './chromium/warm-browser.ts';
import type { PdfDraft } from './document/pdf-draft.ts';
import type { PdfTasks } from './pdf-tasks.ts';

export { draftPdf, PDF_TASKS_HERE, type PdfTasks } from './pdf-tasks.ts';

export type PdfOptions = ChromiumPlace &
  Readonly<{
    /** Runs the step after printing: the report pool, or for commands `PDF_TASKS_HERE`. */
    tasks: PdfTasks;
    /** Documents printed at once. One a core is quickest. */
    pages: number;
    /** Callers printing or waiting at once; one account may hold half. */
    queueLimit: number;
    /** Takes lines that an operator should see. */
    warn(line: string): void;
    rendersPerBrowser?: number;
  }>;

export type PdfState =
  | Readonly<{ available: true /** Version of Chromium. */; chromium: string }>
  /** `why` is safe to show. */
  | Readonly<{ available: false; why: string }>;

/**
 * A report's JSON, as `format=json` sends it, the draft made from the same report, and the files that are attached beside
 * the JSON.
 */
export type PrintableReport = Readonly<{
  json: Uint8Array;
  draft: PdfDraft;
  attachments: readonly Attachment[];
}>;

/** Times of the monotonic clock; `endedMs` is infinite while the report waits. */
export type PrintWait = Readonly<{ beganMs: number; endedMs: number }>;

/** A caller's place in the queue, taken before the report is made and held until the PDF is. */
export type PdfPlace = Disposable &
  Readonly<{
    render: PdfRenderer['render'];
    /** When a report that was ready to be printed waited for its turn; null before it is ready. */
    wait(): PrintWait | null;
  }>;

export type PdfRenderer = Readonly<{
  state(): PdfState;
  /** Prints that broke off since this renderer was made, by how it went on. */
  brokenPrints(): BrokenPrints;
  /** Launches Chromium before it is needed. Never rejects: `state` tells whether it worked. */
  warm(): Promise<void>;
  /** Throws at once: `unavailable` when there is no Chromium, `overloaded` when too many callers wait. */
  reserve(accountId: string): PdfPlace;
  /**
   * The PDF of a report: the same bytes for the same JSON, attachments and Chromium. Throws an `AppError`: `unavailable` when there
   * is no Chromium, `report_generation_failed` when it crashed or hung twice or the PDF is not safe to send. Rejects with
   * the signal's reason when that aborts. `payloadsOf` names the session whose payloads the scan reads: the stretches that
   * masking replaced in them must not be in the PDF. `deadline` is when the signal will abort, so that a print that hangs
   * leaves time for a second one.
   */
  render(
    report: PrintableReport,
    signal: AbortSignal,
    payloadsOf?: LogRef | null,
    deadline?: Pick<Deadline, 'atMs'>,
  ): Promise<Uint8Array>;
  /** Ends Chromium. Documents that are being printed fail. */
  close(): Promise<void>;
}>;

const RENDERS_PER_BROWSER = 200;

export async function createPdfRenderer(options: PdfOptions): Promise<PdfRenderer> {
  const found = await findChromium(options);
  return 'missing' in found ? createAbsent(found.missing) : createPresent(found, options);
}

function createAbsent(why: string): PdfRenderer {
  const refuse = (): never => {
    throw new AppError('unavailable', 'This deployment makes no PDF: ask for format=json.');
  };
  return {
    state: () => ({ available: false, why }),
    brokenPrints: () => NO_BROKEN_PRINTS,
    warm: async () => {},
    reserve: refuse,
    render: async () => refuse(),
    close: async () => {},
  };
}

function createPresent(chromium: Chromium, options: PdfOptions): PdfRenderer {
  const { tasks, pages, queueLimit, warn, rendersPerBrowser = RENDERS_PER_BROWSER } = options;
  const queue = new FairQueue(pages, queueLimit);
  const warmBrowser = new WarmBrowser({ path: chromium.path, rendersPerBrowser, warn });
  const printer = createPrinter(warmBrowser, warn);

  function take(ticket: Ticket, accountId: string): PdfPlace {
    let wait: PrintWait | null = null;
    return {
      wait: () => wait,
      async render({ json: reportJson, draft, attachments }, signal, payloadsOf = null, deadline) {
        const { html, facts, scan } = draft;
        const beganMs = performance.now();
        const printNow = () => {
          wait = { beganMs, endedMs: performance.now() };
          return printer.print(html, signal, deadline?.atMs);
        };
        wait = { beganMs, endedMs: Number.POSITIVE_INFINITY };
        const printed = await printInTurn(ticket, printNow, signal);
        const input = { ...printed, facts, scan, reportJson, attachments, payloadsOf };
        return await tasks.finishPdf(accountId, input, signal);
      },
      [Symbol.dispose]: () => ticket.leave(),
    };
  }

  return {
    state: () =>
      warmBrowser.hasFailed
        ? { available: false, why: 'Chromium does not start' }
        : { available: true, chromium: chromium.version },
    brokenPrints: printer.brokenPrints,
    warm: async () => {
      const lease = await warmBrowser.lease().catch(() => null);
      lease?.end();
    },
    reserve: (accountId) => take(queue.enter(accountId), accountId),
    async render(...input) {
      using place = take(queue.admit(OPERATOR), OPERATOR);
      return await place.render(...input);
    },
    async close() {
      queue.close(new AppError('unavailable', 'The PDF renderer is closed'));
      await warmBrowser.close();
    },
  };
}

/** The queue's account for renders that no account asked for. */
const OPERATOR = '';

/** Waits for the ticket's turn. An abort gives the ticket back. */
async function printInTurn<T>(ticket: Ticket, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const leave = () => ticket.leave(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await ticket.run(work);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
