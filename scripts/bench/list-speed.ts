// Times lists while PDFs are made without a pause, in turns with lists on an idle service.
import { timeLoad } from './list-load.ts';
import { type Measurement, spreadOf } from './measurement.ts';
import type { PdfService } from './pdf-service.ts';

export type ListRounds = Readonly<{
  rounds: number;
  /** Requests per round while idle, and as many while PDFs are made. */
  requests: number;
}>;

/** Allowed beside twice the idle time, so that a very quick idle service sets no impossible limit. */
const SLACK_MS = 10;

export async function measureLists(
  { rounds, requests }: ListRounds,
  service: PdfService,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const { listUrl: url, cookie } = service;
  const timeLists = () => timeLoad({ url, cookie, requests }, signal);
  await timeLists();
  const [idle, busy]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    idle.push(await timeLists());
    busy.push(await whilePdfsAreMade(service, timeLists));
  }
  const [idleMs, busyMs] = [spreadOf(idle).median, spreadOf(busy).median];
  const limitMs = 2 * idleMs + SLACK_MS;
  return [
    {
      id: 'pdf.lists_p99',
      label: `99th percentile of GET /sessions while PDFs are made (${busyMs} ms), to twice the idle one (${idleMs} ms) and ${SLACK_MS} ms`,
      unit: 'times',
      result: spreadOf(busy.map((ms) => ms / limitMs)),
      target: { atMost: 1 },
    },
  ];
}

async function whilePdfsAreMade<T>({ time, pdfPath }: PdfService, measure: () => Promise<T>): Promise<T> {
  let done = false;
  const load = Array.from({ length: 2 }, async () => {
    while (!done) await time(pdfPath);
  });
  try {
    return await measure();
  } finally {
    done = true;
    await Promise.all(load);
  }
}
