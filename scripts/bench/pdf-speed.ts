// Measures the time that a warm Chromium saves, four PDFs at once against one, lists while PDFs are made, and the
// memory and processes that many PDFs leave behind.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { findChromium } from '../../workers/pdf/chromium/find-chromium.ts';
import { printHtml } from '../../workers/pdf/chromium/print-html.ts';
import { WarmBrowser } from '../../workers/pdf/chromium/warm-browser.ts';
import { type BenchDatabase, openBeside } from './bench-database.ts';
import { type ListRounds, measureLists } from './list-speed.ts';
import { type Measurement, spreadOf } from './measurement.ts';
import { type PdfService, startPdfService } from './pdf-service.ts';

type Context = Readonly<{
  database: BenchDatabase;
  resources: ReleaseStack;
  say: (line: string) => void;
  signal: AbortSignal;
}>;

export type PdfRounds = Readonly<{
  /**
   * Rounds of four PDFs before any is timed. Four at once make every thread compile its code, as in a service that has
   * run for a while; single requests may all go to one thread.
   */
  warmUps: number;
  launches: number;
  fours: number;
  lists: ListRounds;
  inARow: number;
}>;

/** No measurement without a Chromium. */
export async function measurePdf(rounds: PdfRounds, context: Context): Promise<Measurement[]> {
  const { say, signal } = context;
  const chromium = await findChromium({ chromePath: process.env.CHROME_PATH, path: process.env.PATH ?? '' });
  if ('missing' in chromium) {
    say(`PDF: not measured, ${chromium.missing}`);
    return [];
  }
  say(`Launching Chromium, ${rounds.launches} rounds …`);
  const saved = await measureLaunch(rounds.launches, chromium.path, signal);
  say('PDFs through the API: writing the demo clinic …');
  // A database of its own: the rows of other sections would slow down a server that scans.
  const database = await openBeside(context.database, context.resources);
  const service = await startPdfService({ ...context, database, chromium: chromium.path });
  for (let i = 0; i < rounds.warmUps; i += 1) await timeFour(service);
  say(`Four at once against one, ${rounds.fours} rounds …`);
  const four = await measureFour(rounds.fours, service);
  const { lists: turns } = rounds;
  say(`Lists while PDFs are made, ${turns.rounds} rounds of ${turns.requests} requests …`);
  const lists = await measureLists(turns, service, signal);
  say(`${rounds.inARow} PDFs in a row …`);
  const left = await measureLeftovers(rounds.inARow, service);
  return [saved, ...four, ...lists, ...left];
}

const SMALL_PAGE =
  '<!doctype html><html lang="en"><head><title>Page</title></head><body><h1>Page</h1></body></html>';

/** How much longer a first print takes than the next, as a share of a launch alone. */
async function measureLaunch(rounds: number, path: string, signal: AbortSignal): Promise<Measurement> {
  const shares: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const alone = await timeLaunch(path);
    const browser = new WarmBrowser({ path, rendersPerBrowser: Number.POSITIVE_INFINITY, warn: () => {} });
    const print = async () => {
      const begin = performance.now();
      const lease = await browser.lease();
      await printHtml(lease.browser, SMALL_PAGE, { signal, onHang: lease.retire });
      lease.end();
      return performance.now() - begin;
    };
    const [cold, warm] = [await print(), await print()];
    await browser.close();
    shares.push((cold - warm) / alone);
  }
  return {
    id: 'pdf.launch_saved',
    label: 'what a warm render saves, to Chromium’s launch alone',
    unit: 'times',
    result: spreadOf(shares),
    target: { atLeast: 0.8 },
  };
}

async function timeLaunch(path: string): Promise<number> {
  const browser = new WarmBrowser({ path, rendersPerBrowser: 1, warn: () => {} });
  const begin = performance.now();
  const { end } = await browser.lease();
  const took = performance.now() - begin;
  end();
  await browser.close();
  return took;
}

async function measureFour(rounds: number, service: PdfService): Promise<Measurement[]> {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const one = await service.time(service.pdfPath);
    const begin = performance.now();
    await timeFour(service);
    ratios.push((performance.now() - begin) / one);
  }
  return [
    {
      id: 'pdf.four_to_one',
      label: 'four PDFs of a typical session at once, to one',
      unit: 'times',
      result: spreadOf(ratios),
      target: { atMost: 3 },
    },
  ];
}

async function timeFour({ time, pdfPath }: PdfService): Promise<void> {
  await Promise.all(Array.from({ length: 4 }, () => time(pdfPath)));
}

async function measureLeftovers(count: number, { pid, pdfPath, time }: PdfService): Promise<Measurement[]> {
  const before = weigh(pid);
  for (let i = 0; i < count; i += 1) await time(pdfPath);
  await sleep(2_000);
  const after = weigh(pid);
  const ratio = (id: string, label: string, value: number, atMost: number): Measurement => ({
    id,
    label,
    unit: 'times',
    result: spreadOf([value]),
    target: { atMost },
  });
  const change = `${(before.bytes / 1e6).toFixed(0)} MB before, ${(after.bytes / 1e6).toFixed(0)} MB after`;
  return [
    ratio('pdf.memory_left', `memory of the API and Chromium (${change})`, after.bytes / before.bytes, 1.3),
    ratio('pdf.processes_left', 'processes of Chromium after, to before', after.count / before.count, 1),
  ];
}

/** The number of a process's descendants, and the memory of all with it. Shared pages count in parts (PSS). */
function weigh(root: number): { bytes: number; count: number } {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ');
      return stat[0] === 'Z' ? [] : [[Number(name), Number(stat[1])] as const];
    });
  const found = new Set([root]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  const kilobytes = (pid: number) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  const bytes = [...found].reduce((sum, pid) => sum + kilobytes(pid) * 1024, 0);
  return { bytes, count: found.size - 1 };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
}
